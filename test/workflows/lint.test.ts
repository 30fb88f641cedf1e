// Every workflow of the repository and of the examples, as the linters for workflows see it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { goTool } from '../../scripts/toolchain/go-tools.mjs';
import { repository } from '../rig/action-metadata.ts';
import { skipUnless, tool } from '../rig/tools.ts';

const folders = ['.github/workflows', 'examples/workflows'];
const workflows = folders.flatMap((folder) =>
  readdirSync(path.join(repository, folder)).map((name) => `${folder}/${name}`),
);

/** actionlint 1.7.12 does not know `$/`, the workflow's own repository. */
const unknownSyntax =
  '^specifying action "\\$/certificate" in invalid format because ref is missing\\. available formats are ';

describe('the workflows', () => {
  it('pass actionlint', { skip: skipUnless('go') }, async () => {
    const { status, stdout, stderr } = lint(await goTool('actionlint'), [
      '-no-color',
      '-ignore',
      unknownSyntax,
      ...workflows,
    ]);
    assert.equal(status, 0, stdout + stderr);
  });

  it('pass zizmor, in its stricter form', { skip: skipUnlessZizmor() }, () => {
    const metadata = ['action.yml', 'certificate/action.yml', '.github/dependabot.yml'];
    const { status, stdout, stderr } = lint(tool('zizmor') ?? '', [
      ...['--offline', '--no-progress', '--persona=pedantic'],
      ...['--config', '.github/zizmor.yml'],
      ...workflows,
      ...metadata,
    ]);
    assert.equal(status, 0, stdout + stderr);
  });
});

function lint(program: string, args: readonly string[]) {
  return spawnSync(program, args, { cwd: repository, encoding: 'utf8' });
}

function skipUnlessZizmor(): string | false {
  if (tool('zizmor') !== undefined) {
    return false;
  }
  const reason = 'zizmor is missing (pipx install zizmor).';
  if (process.env.CI === 'true') {
    throw new Error(`A test cannot run: ${reason}`);
  }
  return reason;
}
