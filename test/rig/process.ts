import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { tool } from './tools.ts';

/** A server that runs as a process of its own. */
export interface ServerProcess {
  readonly pid: number;
  /** The last lines that it wrote, standard output and standard error together. */
  readonly lines: readonly string[];
  /** Ends it: SIGTERM, and SIGKILL two seconds later. */
  stop(): Promise<void>;
}

export interface ServerStart {
  /** What error messages call it. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment beside PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** It is ready when a line of its output matches, or when the probe answers true. */
  readonly ready: RegExp | (() => Promise<boolean>);
  /** Milliseconds until a server that is not ready is an error. */
  readonly patience?: number;
}

const keptLines = 200;
const living = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of living) {
    child.kill('SIGKILL');
  }
});
for (const [signal, number] of [
  ['SIGHUP', 1],
  ['SIGINT', 2],
  ['SIGTERM', 15],
] as const) {
  // The default action would end this process without its `exit` event.
  process.once(signal, () => process.exit(128 + number));
}

/** Has a child killed when the test process ends, whatever way it ends but SIGKILL. */
export function endWithTests(child: ChildProcess): void {
  living.add(child);
  child.once('exit', () => living.delete(child));
}

/** Starts a server and waits until it is ready. The test process may end while it runs; it is then killed. */
export async function startServer(start: ServerStart): Promise<ServerProcess> {
  const { command, args } = boundToThisProcess(start);
  const child = spawn(command, args, {
    cwd: start.cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...start.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  const lines: string[] = [];
  let matched = false;
  for (const stream of [child.stdout, child.stderr]) {
    readLines(stream, (line) => {
      lines.push(line);
      lines.splice(0, lines.length - keptLines);
      matched ||= start.ready instanceof RegExp && start.ready.test(line);
    });
  }
  let failure: Error | undefined;
  child.once('error', (error) => {
    failure = error;
  });
  const deadline = Date.now() + (start.patience ?? 20_000);
  const isReady = async () => (typeof start.ready === 'function' ? await start.ready() : matched);
  while (!(await isReady())) {
    const ended = failure ?? child.exitCode ?? child.signalCode;
    if (ended !== null || Date.now() > deadline) {
      await end(child);
      const why = ended === null ? 'was not ready in time' : `ended (${String(ended)})`;
      throw new Error(`${start.name} ${why}. Its last lines:\n${lines.slice(-20).join('\n')}`);
    }
    await sleep(10);
  }
  // A test that forgets to stop a server still ends.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) {
    (stream as unknown as { unref(): void }).unref();
  }
  return { pid: child.pid ?? 0, lines, stop: () => end(child) };
}

/** A probe: whether something listens on a TCP port. */
export function listens(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: address });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.setTimeout(1000, () => settle(false));
  });
}

/** Runs a program to its end and gives its output; throws with it when it fails. */
export async function run(command: string, args: readonly string[], input = ''): Promise<string> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  endWithTests(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  // A program that ends without reading is judged by its exit code.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [code, signal] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`${[command, ...args].join(' ')} failed (${signal ?? code}): ${output}`);
  }
  return output;
}

/** Hands over every whole line of a stream, and the rest at its end. */
export function readLines(stream: NodeJS.ReadableStream, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      take(line);
    }
  });
  stream.on('end', () => {
    if (rest !== '') {
      take(rest);
    }
  });
}

/** On Linux, the kernel ends the server with the test process, even when that one is killed by SIGKILL. */
function boundToThisProcess({ command, args }: ServerStart): { command: string; args: string[] } {
  const setpriv = process.platform === 'linux' ? tool('setpriv') : undefined;
  return setpriv === undefined
    ? { command, args: [...args] }
    : { command: setpriv, args: ['--pdeathsig', 'KILL', '--', command, ...args] };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  child.ref();
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2000);
  await gone;
  clearTimeout(timer);
}
