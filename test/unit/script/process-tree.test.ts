import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { commandLine } from '../../../src/script/command-line.ts';
import { isTreeAlive, signalTree } from '../../../src/script/process-tree.ts';
import { posixOnly } from '../fixtures/program.ts';

/** A process that leads a group, as the scripts do. */
function startLeader(): { processId: number; ended: Promise<unknown[]> } {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  return { processId: child.pid as number, ended: once(child, 'exit') };
}

describe('a tree of processes', { skip: posixOnly }, () => {
  it('is alive until it is killed', async () => {
    const { processId, ended } = startLeader();
    assert.ok(isTreeAlive(processId));
    signalTree(processId, 'SIGKILL');
    await ended;
    assert.ok(!isTreeAlive(processId));
  });

  it('that has ended already may be signalled', async () => {
    const { processId, ended } = startLeader();
    signalTree(processId, 'SIGTERM');
    await ended;
    assert.doesNotThrow(() => signalTree(processId, 'SIGKILL'));
  });
});

describe('the command line of a process', { skip: posixOnly }, () => {
  it('has its arguments', async () => {
    const { processId, ended } = startLeader();
    try {
      assert.match(commandLine(processId) ?? '', /sleep 600/);
    } finally {
      signalTree(processId, 'SIGKILL');
      await ended;
    }
  });

  it('is none when the process has ended', async () => {
    const { processId, ended } = startLeader();
    signalTree(processId, 'SIGKILL');
    await ended;
    assert.equal(commandLine(processId), undefined);
  });
});
