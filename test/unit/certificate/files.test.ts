import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CertificateFiles, type FileKind, fileNames } from '../../../src/certificate/files.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { posixOnly } from '../fixtures/program.ts';

const kinds = Object.keys(fileNames) as FileKind[];

function newFiles(): CertificateFiles {
  return new CertificateFiles(path.join(temporaryFolder('files'), 'a', 'b'));
}

const textOf = (files: CertificateFiles, kind: FileKind): string => readFileSync(files.pathOf(kind), 'utf8');
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe('the files of a certificate', () => {
  it('have certbot’s names', () => {
    const files = newFiles();
    assert.deepEqual(
      kinds.map((kind) => path.relative(files.directory, files.pathOf(kind))),
      ['cert.pem', 'chain.pem', 'fullchain.pem', 'privkey.pem', 'cert.pfx', 'account.pem'],
    );
  });

  it('get their names only together', () => {
    const files = newFiles();
    files.stage('privateKey', 'key');
    files.stageChain(['certificate\n']);
    assert.deepEqual(files.existing(), {});
    files.commit();
    assert.deepEqual(Object.keys(files.existing()), ['certificate', 'fullchain', 'privateKey']);
  });

  it('have the certificate and the chain together and each alone', () => {
    const files = newFiles();
    files.stageChain(['certificate\n', 'first\n', 'second\n']);
    files.commit();
    assert.deepEqual(
      (['certificate', 'chain', 'fullchain'] as const).map((kind) => textOf(files, kind)),
      ['certificate\n', 'first\nsecond\n', 'certificate\nfirst\nsecond\n'],
    );
  });

  it('may be octets', () => {
    const files = newFiles();
    files.stage('pfx', Buffer.from([0, 255]));
    files.commit();
    assert.deepEqual(readFileSync(files.pathOf('pfx')), Buffer.from([0, 255]));
  });

  it('of the run before stay whole until the new ones are complete', () => {
    const files = newFiles();
    files.stageChain(['old\n', 'old chain\n']);
    files.commit();
    files.stage('privateKey', 'new key');
    files.stageChain(['new\n']);
    assert.deepEqual(
      (['certificate', 'chain', 'fullchain'] as const).map((kind) => textOf(files, kind)),
      ['old\n', 'old chain\n', 'old\nold chain\n'],
    );
    assert.equal(existsSync(files.pathOf('privateKey')), false);
  });

  it('of the run before go when the new ones have no such file', () => {
    const files = newFiles();
    files.stageChain(['old\n', 'old chain\n']);
    files.commit();
    files.stageChain(['new\n']);
    files.commit();
    assert.deepEqual(Object.keys(files.existing()), ['certificate', 'fullchain']);
  });

  it('that a run before left under a passing name are no hindrance', () => {
    const files = newFiles();
    writeFileSync(`${files.pathOf('privateKey')}.new`, 'left', { mode: 0o444 });
    files.stage('privateKey', 'new key');
    files.commit();
    assert.equal(textOf(files, 'privateKey'), 'new key');
  });

  it('leave nothing else in the folder', () => {
    const files = newFiles();
    for (const kind of kinds) {
      files.stage(kind, 'x');
    }
    files.commit();
    assert.deepEqual(readdirSync(files.directory).toSorted(), Object.values(fileNames).toSorted());
  });
});

describe('the modes of the files', { skip: posixOnly }, () => {
  it('are 0600 for keys and 0644 for certificates, in a folder of 0700', () => {
    const files = newFiles();
    for (const kind of kinds) {
      files.stage(kind, 'x');
    }
    files.commit();
    assert.deepEqual(
      kinds.map((kind) => modeOf(files.pathOf(kind))),
      ['644', '644', '644', '600', '600', '600'],
    );
    assert.equal(modeOf(files.directory), '700');
  });

  it('are 0600 for a key also where the run before left it open', () => {
    const files = newFiles();
    writeFileSync(files.pathOf('privateKey'), 'old', { mode: 0o644 });
    files.stage('privateKey', 'new');
    files.commit();
    assert.equal(modeOf(files.pathOf('privateKey')), '600');
  });

  it('of a folder that was there stay as they are', () => {
    const directory = path.join(temporaryFolder('files'), 'mine');
    mkdirSync(directory, { mode: 0o755 });
    new CertificateFiles(directory);
    assert.equal(modeOf(directory), '755');
  });
});

describe('files that cannot be written', () => {
  it('are a failure with the place and what helps', () => {
    const folder = temporaryFolder('files');
    writeFileSync(path.join(folder, 'taken'), '');
    assert.throws(() => new CertificateFiles(path.join(folder, 'taken', 'x')), {
      title: 'A file cannot be written',
      advice: 'Choose a folder that the runner may write to with output-dir.',
    });
  });

  it('as a folder has their name are a failure', () => {
    const files = newFiles();
    mkdirSync(path.join(files.pathOf('certificate'), 'x'), { recursive: true });
    files.stage('certificate', 'x');
    assert.throws(() => files.commit(), { message: /cert\.pem: E/ });
  });
});
