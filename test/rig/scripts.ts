import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './process.ts';

/** The scripts that tests hand to the action. Each file says which variables direct it. */
export type ScriptName =
  | 'background.sh'
  | 'challtestsrv.py'
  | 'failing.sh'
  | 'flooding.sh'
  | 'hanging.sh'
  | 'lying.sh'
  | 'nsupdate-overwriting.sh'
  | 'nsupdate.sh'
  | 'record-argv.sh';

/** The absolute path of a script. */
export function script(name: ScriptName): string {
  return path.join(import.meta.dirname, 'scripts', name);
}

/** Runs a script by itself, with variables beside this process's own; gives its output, throws when it fails. */
export function runScript(
  name: ScriptName,
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const assignments = Object.entries(variables).map(([variable, value]) => `${variable}=${value}`);
  return run('/usr/bin/env', [...assignments, script(name), ...args]);
}

/** The calls that `record-argv.sh` wrote to $ARGV_LOG, each an array of arguments. */
export function recordedCalls(log: string): string[][] {
  if (!existsSync(log)) {
    return [];
  }
  const lines = readFileSync(log, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => line.split('\0').slice(0, -1));
}

/** The process ids that a script wrote to $PIDS_LOG and that are still alive. */
export function livingProcesses(log: string): number[] {
  const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
  return text.split('\n').filter(Boolean).map(Number).filter(isAlive);
}

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended; it only waits for its parent, which in a container may never ask.
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '')[0];
    return state !== 'Z';
  } catch {
    return false;
  }
}
