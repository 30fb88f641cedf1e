// What the release workflow does with a tag. Runs without dependencies, as its second part may write to the repository.
//   node scripts/release.mjs check v1.2.3     the tag, package.json, src/version.ts and CHANGELOG.md agree
//   node scripts/release.mjs publish v1.2.3   makes the GitHub release and moves v1, by gh
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const [command, tag = ''] = process.argv.slice(2);
const [, version, major] =
  /^v((\d+)\.\d+\.\d+)$/.exec(tag) ?? fail(`"${tag}" is no tag of a release, such as v1.2.3.`);
const notes = checkedNotes();
switch (command) {
  case 'check':
    console.log(notes);
    break;
  case 'publish':
    run('gh', ['release', 'create', tag, '--verify-tag', '--title', tag, '--notes', notes]);
    moveMajorTag();
    break;
  default:
    fail(`"${command}" is neither check nor publish.`);
}

/** The release's section of CHANGELOG.md, once every place has its version. */
function checkedNotes() {
  const inPackage = JSON.parse(read('package.json')).version;
  const inSource = /version = '([^']+)'/.exec(read('src/version.ts'))?.[1];
  for (const [place, found] of [
    ['package.json', inPackage],
    ['src/version.ts', inSource],
  ]) {
    if (found !== version) {
      fail(`${place} has version ${found}, but the tag is ${tag}.`);
    }
  }
  const sections = read('CHANGELOG.md').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`[${version}] - `)) ?? '';
  const text = section.split('\n').slice(1).join('\n').trim();
  return text === '' ? fail(`CHANGELOG.md has no section "## [${version}] - <date>" with text.`) : text;
}

/** Moves `v1` to this release, unless a newer one of the same major version has it. */
function moveMajorTag() {
  const tags = run('git', ['tag', '--list', `v${major}.*`, '--sort=-version:refname']).split('\n');
  const newest = tags.find((name) => /^v\d+\.\d+\.\d+$/.test(name));
  if (newest !== tag) {
    console.log(`v${major} stays at ${newest}, which is newer.`);
    return;
  }
  const commit = run('git', ['rev-parse', `${tag}^{commit}`]).trim();
  const refs = `repos/${process.env.GITHUB_REPOSITORY}/git/refs`;
  const exists =
    spawnSync('gh', ['api', `${refs.slice(0, -1)}/tags/v${major}`], { stdio: 'ignore' }).status === 0;
  run(
    'gh',
    exists
      ? ['api', '--method', 'PATCH', `${refs}/tags/v${major}`, '-f', `sha=${commit}`, '-F', 'force=true']
      : ['api', '--method', 'POST', refs, '-f', `ref=refs/tags/v${major}`, '-f', `sha=${commit}`],
  );
  console.log(`v${major} is ${tag} now.`);
}

/** @param {string} program @param {string[]} args */
function run(program, args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? stdout : fail(`${program} ${args.slice(0, 2).join(' ')} failed: ${stderr}`);
}

/** @param {string} file */
function read(file) {
  return readFileSync(path.join(process.cwd(), file), 'utf8');
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(message);
  process.exit(1);
}
