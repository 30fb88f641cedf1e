import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';

const isRoot = process.getuid?.() === 0;

/** A file system of 64 KiB, mounted for one use. */
async function withSmallDisk(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = temporaryFolder('disk');
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], {
    encoding: 'utf8',
  });
  assert.equal(mounted.status, 0, mounted.stderr);
  try {
    await use(folder);
  } finally {
    spawnSync('umount', [folder]);
  }
}

/** Leaves no room on a disk. */
function fill(folder: string): void {
  try {
    for (let n = 0; ; n += 1) {
      writeFileSync(path.join(folder, `filler${n}`), Buffer.alloc(4096));
    }
  } catch {
    // Full, as wanted.
  }
}

describe('A full disk', { skip: isRoot ? false : 'mounting a small disk needs root' }, () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  test('is told before the order, with the file, and costs no earlier file', () =>
    withSmallDisk(async (disk) => {
      const output = path.join(disk, 'tls');
      const inputs = { domains: 'disk.example', 'output-dir': output };
      await ca.run(inputs);
      const earlier = readdirSync(output).map((name) => readFileSync(path.join(output, name), 'utf8'));
      fill(disk);
      const orders = ca.proxy.count('new-order');
      const result = await ca.run(inputs);
      assert.equal(result.annotations.at(-1)?.title, 'A file cannot be written');
      assert.match(
        result.annotations.at(-1)?.message ?? '',
        /ENOSPC[\s\S]*The disk is full; free some space/,
      );
      assert.equal(ca.proxy.count('new-order'), orders);
      const names = readdirSync(output).filter((name) => !name.endsWith('.new'));
      assert.deepEqual(
        names.map((name) => readFileSync(path.join(output, name), 'utf8')),
        earlier,
      );
    }));

  test('under the journal stops the run before anything is presented', () =>
    withSmallDisk(async (disk) => {
      mkdirSync(path.join(disk, '_home'));
      fill(disk);
      const temp = temporaryFolder('disk');
      const result = await ca.run(
        { domains: 'disk.example', 'output-dir': path.join(temp, 'out') },
        { env: { RUNNER_TEMP: disk } },
      );
      assert.equal(result.annotations.at(-1)?.title, 'The journal cannot be written');
      assert.doesNotMatch(result.stdout, /\| present/);
    }));

  test('under the store is told before the order', () =>
    withSmallDisk(async (disk) => {
      const store = path.join(disk, 'store');
      mkdirSync(path.join(store, 'certificates'), { recursive: true });
      mkdirSync(path.join(store, 'accounts'));
      fill(disk);
      const first = await ca.run({ domains: 'first.example' });
      const orders = ca.proxy.count('new-order');
      const result = await ca.run({
        domains: 'disk.example',
        store,
        'store-recipients': 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
        'account-key': readFileSync(first.outputs['account-key'] ?? '', 'utf8'),
      });
      assert.equal(result.annotations.at(-1)?.title, 'The store cannot be used');
      assert.equal(ca.proxy.count('new-order'), orders);
    }));
});
