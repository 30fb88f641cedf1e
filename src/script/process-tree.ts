import { spawnSync } from 'node:child_process';
import { codeOf } from '../failure.ts';

/**
 * Sends a signal to a program that was started as the leader of a process group, and to all in that group.
 * Windows knows no groups: there the tree is ended by `taskkill`, whatever the signal.
 *
 * @param leader process id of the group's leader
 */
export function signalTree(leader: number, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(leader), '/T', '/F'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-leader, signal);
  } catch (error) {
    // ESRCH: all have ended. EPERM: macOS says so of a group of zombies.
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') {
      throw error;
    }
  }
}

/** Whether any process of the group is left. */
export function isTreeAlive(leader: number): boolean {
  try {
    process.kill(process.platform === 'win32' ? leader : -leader, 0);
    return true;
  } catch {
    return false;
  }
}
