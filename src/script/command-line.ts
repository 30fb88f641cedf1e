import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The command line of a running process, or undefined when there is none or the system does not tell. */
export function commandLine(processId: number): string | undefined {
  try {
    return readFileSync(`/proc/${processId}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    // No /proc: macOS has ps; Windows has neither, and ends the tree with the step.
  }
  const listed = spawnSync('ps', ['-o', 'command=', '-p', String(processId)], { encoding: 'utf8' });
  return listed.status === 0 ? listed.stdout.trim() : undefined;
}
