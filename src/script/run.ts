import { type ChildProcess, spawn } from 'node:child_process';
import { codeOf } from '../failure.ts';
import { delay } from '../parallel.ts';
import { LineReader } from './lines.ts';
import { isTreeAlive, signalTree } from './process-tree.ts';

export type OutputStream = 'stdout' | 'stderr';

/** One call of a program of the repository. */
export interface ProgramCall {
  program: string;
  arguments: readonly string[];
  workingFolder: string;
  environment: Record<string, string>;
  /** Seconds until the program and its children are ended. */
  timeLimit: number;
  /** Ends the program and its children when aborted. */
  signal?: AbortSignal | undefined;
  onLine: (line: string, stream: OutputStream) => void;
  /** Told the process id as soon as there is one. */
  onStart?: ((processId: number) => void) | undefined;
}

/** How a call ended. */
export interface ProgramResult {
  /** What the program exited with; undefined when it was ended by a signal or never started. */
  exitCode: number | undefined;
  /** Why there is no exit code, or why it does not count. */
  ended: 'by itself' | 'by signal' | 'time limit' | 'cancelled' | 'not started';
  /** The signal's name, or the system's reason for not starting. */
  detail: string;
  /** The last lines of standard output and error together. */
  lastLines: string[];
  milliseconds: number;
}

/** How long a program may take to end after SIGTERM, before SIGKILL, in milliseconds. */
const graceToEnd = 2000;
/** How long output is awaited from a child that outlives the program, in milliseconds. */
const graceForOutput = 250;
const keptLines = 20;
/** Lines shown of one call; a flood beyond is counted only. */
const shownLines = 5000;

/**
 * Runs a program without a shell and waits for its end. Never throws for what the program does.
 *
 * It leads a process group of its own, so that its children can be ended with it. Standard input is empty. Children
 * that keep the output open are not waited for, and output is never held in memory beyond its last lines.
 */
export async function runProgram(call: ProgramCall): Promise<ProgramResult> {
  const started = performance.now();
  const output = collectOutput(call.onLine);
  const ending = { cause: undefined as 'time limit' | 'cancelled' | undefined };
  const child = startProgram(call);
  const exit = waitForExit(child, output);
  if (child.pid !== undefined) {
    call.onStart?.(child.pid);
  }
  const end = (cause: 'time limit' | 'cancelled'): void => {
    ending.cause ??= cause;
    void endTree(child, exit);
  };
  const timer = setTimeout(() => end('time limit'), call.timeLimit * 1000);
  const onAbort = (): void => end('cancelled');
  call.signal?.addEventListener('abort', onAbort, { once: true });
  if (call.signal?.aborted) {
    onAbort();
  }
  const { exitCode, signalName, startError } = await exit;
  clearTimeout(timer);
  call.signal?.removeEventListener('abort', onAbort);
  if (ending.cause !== undefined && child.pid !== undefined) {
    // What ignored SIGTERM in the group goes with its leader.
    signalTree(child.pid, 'SIGKILL');
  }
  output.finish();
  const common = { lastLines: output.lastLines, milliseconds: performance.now() - started };
  if (startError !== undefined) {
    return {
      exitCode: undefined,
      ended: 'not started',
      detail: codeOf(startError) || startError.message,
      ...common,
    };
  }
  if (ending.cause !== undefined) {
    return { exitCode: exitCode ?? undefined, ended: ending.cause, detail: signalName ?? '', ...common };
  }
  return exitCode === null
    ? { exitCode: undefined, ended: 'by signal', detail: signalName ?? '', ...common }
    : { exitCode, ended: 'by itself', detail: '', ...common };
}

interface Exit {
  exitCode: number | null;
  signalName: NodeJS.Signals | null;
  startError: Error | undefined;
}

function startProgram(call: ProgramCall): ChildProcess {
  const options = {
    cwd: call.workingFolder,
    env: call.environment,
    stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  };
  if (process.platform === 'win32' && /\.(?:cmd|bat)$/i.test(call.program)) {
    // Windows runs batch files only through cmd.exe. The arguments are names and base64url: nothing to escape.
    const line = `"${[call.program, ...call.arguments].map((part) => `"${part}"`).join(' ')}"`;
    return spawn(process.env.COMSPEC ?? 'cmd.exe', ['/d', '/s', '/c', line], {
      ...options,
      windowsVerbatimArguments: true,
    });
  }
  return spawn(call.program, call.arguments, { ...options, detached: process.platform !== 'win32' });
}

function waitForExit(child: ChildProcess, output: OutputCollector): Promise<Exit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve({ exitCode: null, signalName: null, startError: error });
    });
    child.once('exit', (exitCode, signalName) => {
      const done = (): void => {
        clearTimeout(timer);
        // A child of the program may hold these open for hours; this run does not.
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve({ exitCode, signalName, startError: undefined });
      };
      const timer = setTimeout(done, graceForOutput);
      child.once('close', done);
    });
    child.stdout?.on('data', output.standardOutput);
    child.stderr?.on('data', output.standardError);
  });
}

async function endTree(child: ChildProcess, exit: Promise<Exit>): Promise<void> {
  const leader = child.pid;
  if (leader === undefined) {
    return;
  }
  signalTree(leader, 'SIGTERM');
  const giveUp = new AbortController();
  await Promise.race([exit, delay(graceToEnd, giveUp.signal).catch(() => undefined)]);
  giveUp.abort();
  if (isTreeAlive(leader)) {
    signalTree(leader, 'SIGKILL');
  }
}

interface OutputCollector {
  standardOutput: (octets: Buffer) => void;
  standardError: (octets: Buffer) => void;
  finish: () => void;
  lastLines: string[];
}

function collectOutput(onLine: ProgramCall['onLine']): OutputCollector {
  const lastLines: string[] = [];
  let count = 0;
  const take =
    (stream: OutputStream) =>
    (line: string): void => {
      count += 1;
      if (count <= shownLines) {
        onLine(line, stream);
      }
      lastLines.push(line);
      if (lastLines.length > keptLines) {
        lastLines.shift();
      }
    };
  const standardOutput = new LineReader(take('stdout'));
  const standardError = new LineReader(take('stderr'));
  return {
    standardOutput: (octets) => standardOutput.write(octets),
    standardError: (octets) => standardError.write(octets),
    finish: () => {
      standardOutput.end();
      standardError.end();
      if (count > shownLines) {
        onLine(`… ${count - shownLines} more lines are not shown.`, 'stderr');
      }
    },
    lastLines,
  };
}
