import { type SpawnOptions, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What one run of a program cost. */
export interface Measurement {
  seconds: number;
  /** Peak resident memory of the program itself, in MB. */
  megabytes: number;
  /** When it was started, by `performance.now()`. */
  startedAt: number;
}

/** How often the memory is looked at, in milliseconds. Linux keeps the peak, so that none is missed but the last. */
const lookEvery = 20;

/**
 * Runs a program to its end.
 *
 * @throws Error with its last output when it does not end as expected
 */
export async function measure(
  command: string,
  args: readonly string[],
  env: Record<string, string | undefined>,
  expectedExitCode = 0,
): Promise<Measurement> {
  const options: SpawnOptions = { env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } };
  const startedAt = performance.now();
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (octets: Buffer): void => {
    output = (output + octets.toString()).slice(-2000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  let megabytes = 0;
  const timer = setInterval(() => {
    megabytes = Math.max(megabytes, peakMemory(child.pid));
  }, lookEvery);
  const exitCode = await new Promise((resolve) => child.once('close', resolve));
  clearInterval(timer);
  const seconds = (performance.now() - startedAt) / 1000;
  if (exitCode !== expectedExitCode) {
    throw new Error(`${command} ended with ${exitCode}:\n${output}`);
  }
  return { seconds, megabytes, startedAt };
}

function peakMemory(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1000;
  } catch {
    return 0;
  }
}
