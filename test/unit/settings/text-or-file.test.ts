import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { readTextOrFile, type TextOrFile } from '../../../src/settings/text-or-file.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';
import { posixOnly } from '../fixtures/program.ts';

const workspace = temporaryFolder('text-or-file');
writeFileSync(path.join(workspace, 'file.pem'), 'the text of the file');
writeFileSync(path.join(workspace, 'large.pem'), Buffer.alloc(1_048_577, 'x'));
mkdirSync(path.join(workspace, 'folder'));

const isText = (given: string): boolean => given.startsWith('TEXT');
const read = (given: string): TextOrFile | undefined =>
  accepted((problems) => readTextOrFile('key', given, workspace, isText, problems));
const faults = (given: string): string[] =>
  problemsOf((problems) => readTextOrFile('key', given, workspace, isText, problems));

describe('an input that is text or a file', () => {
  it('is nothing when it is empty', () => {
    assert.equal(read(''), undefined);
  });

  it('is the text itself, which is never shown', () => {
    assert.deepEqual(read('TEXT abc'), { text: 'TEXT abc', shown: '(text)' });
  });

  it('is the content of a file of the workspace', () => {
    assert.deepEqual(read('file.pem'), { text: 'the text of the file', shown: 'file.pem' });
  });

  it('is the content of a file by its absolute path', () => {
    assert.equal(read(path.join(workspace, 'file.pem'))?.text, 'the text of the file');
  });

  it('is told when no such file exists', () => {
    assert.deepEqual(faults('none.pem'), ['key: "none.pem" is neither PEM text nor a file that exists.']);
  });

  it('is told when a folder of its path is a file', { skip: posixOnly }, () => {
    assert.deepEqual(faults('file.pem/x'), ['key: "file.pem/x" is neither PEM text nor a file that exists.']);
  });

  it('is told when it is a folder', () => {
    assert.deepEqual(faults('folder'), ['key: "folder" is a folder; name a file.']);
  });

  it('is told when it is larger than 1 MiB', () => {
    assert.deepEqual(faults('large.pem'), ['key: "large.pem" is larger than 1 MiB.']);
  });

  it('is not shown when it may be a secret in the wrong form: several lines', () => {
    assert.match(faults('abc\ndef').join(), /^key: "\(not shown\)" /);
  });

  it('is not shown when it may be a secret in the wrong form: a long line', () => {
    assert.match(faults('k'.repeat(2000)).join(), /^key: "\(not shown\)" /);
  });

  it('is told with the system’s reason when it cannot be read', () => {
    assert.match(faults('a\0b').join(), /cannot be read \(ERR_INVALID_ARG_VALUE\)\.$/);
  });
});
