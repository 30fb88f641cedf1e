import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { findProgram, type ProgramPlaces } from '../../../src/settings/program.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';
import { posixOnly, program, shellScript } from '../fixtures/program.ts';

const workspace = temporaryFolder('workspace');
const onPath = temporaryFolder('path');
const places: ProgramPlaces = {
  workspace,
  searchPath: ['relative', onPath].join(path.delimiter),
  platform: process.platform,
};
const found = (written: string): string | undefined =>
  accepted((problems) => findProgram('exec-path', written, places, problems));
const faults = (written: string, where = places): string[] =>
  problemsOf((problems) => findProgram('exec-path', written, where, problems));

describe('a program', () => {
  it('with a slash is relative to the workspace', () => {
    const file = shellScript(workspace, '', 'dns.sh');
    assert.equal(found('./dns.sh'), file);
  });

  it('may be given by its absolute path', () => {
    const file = shellScript(onPath, '', 'absolute.sh');
    assert.equal(found(file), file);
  });

  it('with spaces and quotes in its path is found', { skip: posixOnly }, () => {
    mkdirSync(path.join(workspace, `a "b" 'c'`));
    const file = shellScript(path.join(workspace, `a "b" 'c'`), '');
    assert.equal(found(`./a "b" 'c'/script.sh`), file);
  });

  it('without a slash is looked for in the workspace first', () => {
    shellScript(onPath, '', 'both.sh');
    const file = shellScript(workspace, '', 'both.sh');
    assert.equal(found('both.sh'), file);
  });

  it('without a slash is then looked for on PATH', () => {
    const file = shellScript(onPath, '', 'tool.sh');
    assert.equal(found('tool.sh'), file);
  });

  it('on PATH is passed by when it cannot be run', { skip: posixOnly }, () => {
    writeFileSync(path.join(onPath, 'no-run-bit'), '', { mode: 0o644 });
    assert.match(faults('no-run-bit').join(), /is not there/);
  });

  it('with a backslash is relative to the workspace on Windows', { skip: posixOnly }, () => {
    assert.match(faults('bin\\dns.cmd', { ...places, platform: 'win32' }).join(), /nothing at .*dns\.cmd/);
  });
});

describe('a program that cannot be run', () => {
  it('is told with the place when it is not there', () => {
    assert.deepEqual(faults('./none.sh'), [
      `exec-path: "./none.sh" is not there: nothing at ${path.join(workspace, 'none.sh')}. Check the spelling, and that a step before this one runs actions/checkout.`,
    ]);
  });

  it('is told with both places when it has no slash', () => {
    assert.deepEqual(faults('none.sh'), [
      `exec-path: "none.sh" is not there: nothing in the workspace ${workspace} or on PATH. Check the spelling, and that a step before this one runs actions/checkout.`,
    ]);
  });

  it('is told when it is a folder', () => {
    mkdirSync(path.join(workspace, 'folder'));
    assert.deepEqual(faults('./folder'), ['exec-path: "./folder" is a folder; name the program in it.']);
  });

  it('gets the command that mends a missing run bit', { skip: posixOnly }, () => {
    mkdirSync(path.join(workspace, 'ci'));
    writeFileSync(path.join(workspace, 'ci', 'plain.sh'), '#!/bin/sh\n', { mode: 0o644 });
    assert.deepEqual(faults('./ci/plain.sh'), [
      'exec-path: "./ci/plain.sh" has no run bit. Mend it with: git update-index --chmod=+x "ci/plain.sh" (and chmod +x for this checkout), then commit.',
    ]);
  });

  it('needs no run bit on Windows', { skip: posixOnly }, () => {
    writeFileSync(path.join(workspace, 'plain.cmd'), '', { mode: 0o644 });
    assert.deepEqual(faults('./plain.cmd', { ...places, platform: 'win32' }), []);
  });

  it('is told when Windows line endings hide its interpreter', { skip: posixOnly }, () => {
    program(workspace, '#!/bin/sh\r\nexit 0\r\n', 'crlf.sh');
    assert.match(faults('./crlf.sh').join(), /^exec-path: "\.\/crlf\.sh" has Windows line endings/);
  });

  it('is told when its interpreter is not on this machine', { skip: posixOnly }, () => {
    program(workspace, '#! /no/such/interpreter -x\n', 'strange.sh');
    assert.deepEqual(faults('./strange.sh'), [
      'exec-path: "./strange.sh" names the interpreter /no/such/interpreter in its first line, which this machine does not have.',
    ]);
  });

  it('is taken as it is when it is no script', { skip: posixOnly }, () => {
    program(workspace, '\u007fELF', 'binary');
    assert.deepEqual(faults('./binary'), []);
  });
});
