import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readActionMetadata } from './action-metadata.ts';
import { parseCommandFile } from './command-files.ts';
import { temporaryFolder } from './folder.ts';
import { endWithTests, readLines } from './process.ts';
import {
  type CommandFiles,
  inputVariable,
  makeCommandFiles,
  runnerEnvironment,
} from './runner-environment.ts';
import { type ReadOutput, readOutput } from './workflow-commands.ts';

export interface ActionRun {
  /** The folder of the `action.yml`, relative to the repository. */
  readonly action?: string;
  /** The bundle to run instead of the one that `action.yml` names, relative to the repository. */
  readonly main?: string;
  /** What a workflow has under `with`; inputs that are left out get their default. */
  readonly inputs?: Readonly<Record<string, string>>;
  /** What a workflow has under `env`; an undefined value takes a variable of the runner away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The repository that is checked out; an empty folder by default. */
  readonly workspace?: string;
  /** RUNNER_TEMP of the job; a new one by default. */
  readonly temp?: string;
  /** Sends a signal as soon as a line of standard output matches. */
  readonly signalAfter?: { readonly line: RegExp; readonly signal: NodeJS.Signals };
}

export interface ActionResult extends ReadOutput {
  /** null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly workspace: string;
  readonly temp: string;
  readonly durationMs: number;
  /** False when something still held the output open five seconds after the end; the runner goes on then, too. */
  readonly outputEnded: boolean;
  /** How it was run, for `runPost`. */
  readonly run: ActionRun;
}

export interface StartedAction {
  readonly child: ChildProcess;
  readonly workspace: string;
  readonly temp: string;
  readonly result: Promise<ActionResult>;
  /** What it wrote to standard output so far. */
  stdout(): string;
  /** Waits for a line of standard output. Rejects when the action ends before. */
  line(pattern: RegExp): Promise<string>;
  /** Ends it as the runner does at a cancelled job: SIGINT, after 7.5 s SIGTERM, after 2.5 s more SIGKILL. */
  cancel(): Promise<ActionResult>;
}

/** Runs an action's main step as GitHub's runner does, to its end. */
export function runAction(run: ActionRun): Promise<ActionResult> {
  return startAction(run).result;
}

/** Starts an action's main step and hands out its process. */
export function startAction(run: ActionRun): StartedAction {
  const metadata = readActionMetadata(run.action);
  const bundle =
    run.main === undefined ? metadata.main : path.resolve(import.meta.dirname, '../..', run.main);
  return startStep(bundle, run, inputVariables({ ...metadata.inputs, ...run.inputs }));
}

export interface PostRun {
  /** The result of the main step. */
  readonly previous: ActionResult;
  /** Variables that differ from the main step's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False leaves every INPUT_* out: saved state has to do. */
  readonly inputs?: boolean;
  /** The bundle to run instead of the one that `action.yml` names, relative to the repository. */
  readonly post?: string;
  readonly signalAfter?: ActionRun['signalAfter'];
}

/** Runs an action's post step with the state that its main step saved. */
export function runPost(post: PostRun): Promise<ActionResult> {
  return startPost(post).result;
}

/** Starts an action's post step and hands out its process. */
export function startPost({ previous, env, inputs = true, post, signalAfter }: PostRun): StartedAction {
  const metadata = readActionMetadata(previous.run.action);
  const bundle = post === undefined ? metadata.post : path.resolve(import.meta.dirname, '../..', post);
  if (bundle === undefined) {
    throw new Error('This action has no post step.');
  }
  const state = Object.entries(previous.state).map(([name, value]) => [`STATE_${name}`, value]);
  const { workspace, temp } = previous;
  const { signalAfter: _ofMain, ...main } = previous.run;
  const run: ActionRun = {
    ...main,
    workspace,
    temp,
    env: { ...main.env, ...env },
    ...(signalAfter === undefined ? {} : { signalAfter }),
  };
  return startStep(bundle, run, {
    ...(inputs ? inputVariables({ ...metadata.inputs, ...previous.run.inputs }) : {}),
    ...Object.fromEntries(state),
  });
}

function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [inputVariable(name), value]));
}

function startStep(
  bundle: string,
  run: ActionRun,
  variables: Readonly<Record<string, string>>,
): StartedAction {
  const workspace = run.workspace ?? temporaryFolder('workspace');
  const temp = run.temp ?? temporaryFolder('runner');
  const files = makeCommandFiles(temp);
  const env = { ...runnerEnvironment(workspace, temp, files), ...variables, ...run.env };
  mkdirSync(path.join(temp, '_home'), { recursive: true });
  const started = performance.now();
  const child = spawn(process.execPath, [entryOf(bundle)], {
    cwd: workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endWithTests(child);
  const stdout: string[] = [];
  const stderr: string[] = [];
  let { signalAfter } = run;
  readLines(child.stdout, (line) => {
    stdout.push(line);
    if (signalAfter?.line.test(line)) {
      child.kill(signalAfter.signal);
      signalAfter = undefined;
    }
    child.emit('outputLine', line);
  });
  readLines(child.stderr, (line) => stderr.push(line));
  const result = endOfStep(child).then((end) => ({
    ...end,
    ...readOutput(stdout.join('\n')),
    ...readResults(files),
    stdout: stdout.join('\n'),
    stderr: stderr.join('\n'),
    workspace,
    temp,
    durationMs: end.at - started,
    run,
  }));
  // Whoever waits for it sees a rejection; a test that has failed by then must not fail a second time.
  result.catch(() => {});
  return {
    child,
    workspace,
    temp,
    result,
    stdout: () => stdout.join('\n'),
    line: (pattern) => matchingLine(child, stdout, pattern),
    cancel: () => cancel(child, result),
  };
}

/** The bundle, or for coverage (ACME_EXEC_ENTRY=src) the source that it is built from. */
function entryOf(bundle: string): string {
  return process.env.ACME_EXEC_ENTRY === 'src'
    ? bundle.replace(/dist([/\\])(\w+)[/\\]index\.js$/, 'src$1$2.ts')
    : bundle;
}

async function endOfStep(child: ChildProcess) {
  const closed = once(child, 'close');
  closed.catch(() => {});
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  const at = performance.now();
  const waiting = new AbortController();
  const outputEnded = await Promise.race([
    closed.then(() => true),
    sleep(5000, false, { signal: waiting.signal }).catch(() => false),
  ]);
  waiting.abort();
  child.stdout?.destroy();
  child.stderr?.destroy();
  return { exitCode, signal, outputEnded, at };
}

function readResults(files: CommandFiles) {
  return {
    outputs: parseCommandFile(readFileSync(files.output, 'utf8')),
    state: parseCommandFile(readFileSync(files.state, 'utf8')),
    summary: readFileSync(files.summary, 'utf8'),
  };
}

function matchingLine(child: ChildProcess, lines: readonly string[], pattern: RegExp): Promise<string> {
  const known = lines.find((line) => pattern.test(line));
  if (known !== undefined) {
    return Promise.resolve(known);
  }
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      child.off('outputLine', onLine);
      child.off('close', onClose);
      end();
    };
    const onLine = (line: string) => pattern.test(line) && settle(() => resolve(line));
    const onClose = () =>
      settle(() => reject(new Error(`It ended without ${pattern}. Its output:\n${lines.join('\n')}`)));
    child.on('outputLine', onLine);
    child.on('close', onClose);
  });
}

async function cancel(child: ChildProcess, result: Promise<ActionResult>): Promise<ActionResult> {
  const timers: NodeJS.Timeout[] = [];
  child.kill('SIGINT');
  timers.push(setTimeout(() => child.kill('SIGTERM'), 7500));
  timers.push(setTimeout(() => child.kill('SIGKILL'), 10_000));
  try {
    return await result;
  } finally {
    timers.forEach(clearTimeout);
  }
}
