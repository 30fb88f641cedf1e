// Builds dist/: tsc compiles src/ to build/, ncc bundles each entry with its libraries and their licences.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { transformSync } from 'esbuild';

const root = path.join(import.meta.dirname, '..');
const require = createRequire(import.meta.url);
const target = path.resolve(root, process.argv[2] ?? 'dist');
/** Takes the target's place once it is whole, so that a build that fails leaves the last one. */
const output = `${target}.new`;

/** The entries of src/, one folder each in dist/. */
const entries = ['main', 'post', 'check', 'revoke'];

rmSync(path.join(root, 'build'), { recursive: true, force: true });
rmSync(output, { recursive: true, force: true });
run(path.join(path.dirname(require.resolve('typescript/package.json')), 'bin', 'tsc'), '-p', 'tsconfig.json');
for (const entry of entries) {
  run(
    require.resolve('@vercel/ncc/dist/ncc/cli.js'),
    'build',
    `build/${entry}.js`,
    '--minify',
    '--no-cache',
    '--quiet',
    '--license',
    'licenses.txt',
    '--out',
    path.join(output, entry),
  );
}

// ncc minifies entries only, not the chunks that are loaded when they are needed.
for (const entry of entries) {
  const folder = path.join(output, entry);
  for (const chunk of readdirSync(folder).filter((name) => /^\d+\.index\.js$/.test(name))) {
    const file = path.join(folder, chunk);
    const { code } = transformSync(readFileSync(file, 'utf8'), {
      minify: true,
      legalComments: 'none',
      target: 'node20',
    });
    writeFileSync(file, code);
  }
}

rmSync(target, { recursive: true, force: true });
renameSync(output, target);

/** @param {string} program @param {string[]} args */
function run(program, ...args) {
  const { status } = spawnSync(process.execPath, [program, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    process.exit(status ?? 1);
  }
}
