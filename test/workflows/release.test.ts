// What the release workflow does with a tag, with a gh that only notes what it is told.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { repository } from '../rig/action-metadata.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { run } from '../rig/process.ts';
import { skipUnless } from '../rig/tools.ts';
import { userRepository } from './act.ts';

const changelog = `# Changelog

## [Unreleased]

## [1.2.3] - 2026-11-23

### Fixed

- A fault.

## [1.2.2] - 2026-11-01

- Older.
`;

/** Notes its arguments, one call a line; knows a tag when KNOWN_TAG is set. */
const gh = `#!/bin/sh
echo "$*" | tr '\\n' ' ' >> "$CALLS"; echo >> "$CALLS"
case "$1 $2" in "api repos/octocat/acme/git/ref/"*) [ -n "$KNOWN_TAG" ] ;; esac
`;

interface Situation {
  readonly tags?: readonly string[];
  readonly packageVersion?: string;
  readonly sourceVersion?: string;
  readonly majorTagExists?: boolean;
}

async function release(command: string, tag: string, situation: Situation = {}) {
  const { tags = ['v1.2.2', 'v1.2.3'], packageVersion = '1.2.3', sourceVersion = '1.2.3' } = situation;
  const folder = await userRepository({
    'package.json': JSON.stringify({ version: packageVersion }),
    'src/version.ts': `/** package.json's. */\nexport const version = '${sourceVersion}';\n`,
    'CHANGELOG.md': changelog,
    'bin/gh': gh,
  });
  for (const name of tags) {
    await run('git', ['-C', folder, 'tag', name]);
  }
  const calls = path.join(temporaryFolder('release'), 'calls');
  const result = spawnSync(
    process.execPath,
    [path.join(repository, 'scripts', 'release.mjs'), command, tag],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        PATH: [path.join(folder, 'bin'), process.env.PATH].join(path.delimiter),
        CALLS: calls,
        GITHUB_REPOSITORY: 'octocat/acme',
        KNOWN_TAG: situation.majorTagExists === false ? '' : 'yes',
      },
    },
  );
  return { ...result, calls: existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : [] };
}

describe('a release', { skip: skipUnless('git') }, () => {
  it('has the notes of its section in the changelog', async () => {
    const { status, stdout, calls } = await release('check', 'v1.2.3');
    assert.equal(status, 0);
    assert.equal(stdout.trim(), '### Fixed\n\n- A fault.');
    assert.deepEqual(calls, []);
  });

  it('is made, and the major tag is moved to it', async () => {
    const { status, calls } = await release('publish', 'v1.2.3');
    assert.equal(status, 0);
    assert.match(calls[0] ?? '', /^release create v1\.2\.3 --verify-tag --title v1\.2\.3 --notes ### Fixed/);
    assert.match(
      calls[2] ?? '',
      /^api --method PATCH repos\/octocat\/acme\/git\/refs\/tags\/v1 -f sha=[0-9a-f]{40} -F force=true/,
    );
  });

  it('makes the major tag where there is none', async () => {
    const { calls } = await release('publish', 'v1.2.3', { majorTagExists: false });
    assert.match(
      calls[2] ?? '',
      /^api --method POST repos\/octocat\/acme\/git\/refs -f ref=refs\/tags\/v1 -f sha=[0-9a-f]{40}/,
    );
  });

  it('leaves the major tag at a newer release', async () => {
    const { status, stdout, calls } = await release('publish', 'v1.2.3', { tags: ['v1.2.3', 'v1.10.0'] });
    assert.equal(status, 0);
    assert.equal(calls.length, 1);
    assert.match(stdout, /v1 stays at v1\.10\.0/);
  });

  for (const [fault, tag, situation, message] of [
    [
      'another version in package.json',
      'v1.2.3',
      { packageVersion: '1.2.4' },
      /package\.json has version 1\.2\.4/,
    ],
    [
      'another version in the source',
      'v1.2.3',
      { sourceVersion: '1.2.2' },
      /src\/version\.ts has version 1\.2\.2/,
    ],
    [
      'no section',
      'v9.9.9',
      { packageVersion: '9.9.9', sourceVersion: '9.9.9' },
      /no section "## \[9\.9\.9\]/,
    ],
    ['a tag that is none', 'latest', {}, /"latest" is no tag of a release/],
  ] as const) {
    it(`is refused: ${fault}`, async () => {
      const { status, stderr, calls } = await release('publish', tag, situation);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.deepEqual(calls, []);
    });
  }
});
