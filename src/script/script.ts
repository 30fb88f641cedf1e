import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { type ScriptAction, type ScriptRecord, scriptArguments } from './arguments.ts';
import { type EffectiveSettings, protocolEnvironment, stepEnvironment } from './environment.ts';
import { type ProgramResult, runProgram } from './run.ts';
import { parseTimeoutAnswer, type TimeoutAnswer } from './timeout-answer.ts';

/** All that a call needs, as plain values: the post step reads them back from the journal. */
export interface ScriptCallSettings {
  /** Absolute path of the program. */
  program: string;
  workspace: string;
  /** Seconds that one call may take. */
  timeLimit: number;
  /** Variables for the script alone. */
  environment: Record<string, string>;
  protocol: EffectiveSettings;
}

/** How long the answer to `timeout` is awaited, in seconds. */
const timeoutAnswerLimit = 10;

/** The repository's script, called by the protocol of lego's `exec` provider. */
export class DnsScript {
  readonly settings: ScriptCallSettings;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #log: Log;

  constructor(settings: ScriptCallSettings, environment: NodeJS.ProcessEnv, log: Log) {
    this.settings = settings;
    this.#environment = environment;
    this.#log = log;
  }

  /**
   * Sets or removes one record.
   *
   * @throws the signal's reason when it ended the call
   * @throws Failure when the script does not exit with 0, naming the name, the command, the exit code and the last lines
   */
  async call(
    action: ScriptAction,
    record: ScriptRecord,
    options: { signal?: AbortSignal | undefined; onStart?: (processId: number) => void } = {},
  ): Promise<void> {
    const { protocol } = this.settings;
    const args = scriptArguments(action, protocol.mode, protocol.delimiter, record);
    const result = await this.#run(args, record, options, (line) =>
      this.#log.scriptLine(record.orderedName, line),
    );
    this.#log.debug(
      `${record.orderedName}: ${action} ${outcome(result, this.settings.timeLimit)} after ${Math.round(result.milliseconds)} ms`,
    );
    if (result.ended === 'cancelled') {
      options.signal?.throwIfAborted();
    }
    if (result.ended !== 'by itself' || result.exitCode !== 0) {
      throw scriptFailure(action, args, record.orderedName, result, this.settings);
    }
  }

  /** Asks the script for its times. Any fault is the script's right not to know the command: undefined. */
  async askTimeout(signal?: AbortSignal): Promise<TimeoutAnswer | undefined> {
    const printed: string[] = [];
    const result = await this.#run(
      ['timeout'],
      undefined,
      { signal, timeLimit: Math.min(timeoutAnswerLimit, this.settings.timeLimit) },
      (line, stream) => {
        if (stream === 'stdout') {
          printed.push(line);
        }
      },
    );
    const answer = result.exitCode === 0 ? parseTimeoutAnswer(printed.join('\n')) : undefined;
    this.#log.debug(
      answer === undefined
        ? `The script gives no times of its own (timeout: ${outcome(result, timeoutAnswerLimit)}).`
        : `The script's times: ${JSON.stringify(answer)}`,
    );
    return answer;
  }

  #run(
    args: readonly string[],
    record: ScriptRecord | undefined,
    options: {
      signal?: AbortSignal | undefined;
      timeLimit?: number;
      onStart?: (processId: number) => void;
    },
    onLine: (line: string, stream: 'stdout' | 'stderr') => void,
  ): Promise<ProgramResult> {
    return runProgram({
      program: this.settings.program,
      arguments: args,
      workingFolder: this.settings.workspace,
      environment: {
        ...stepEnvironment(this.#environment),
        ...this.settings.environment,
        ...protocolEnvironment(this.settings.protocol, record),
      },
      timeLimit: options.timeLimit ?? this.settings.timeLimit,
      signal: options.signal,
      onStart: options.onStart,
      onLine,
    });
  }
}

function scriptFailure(
  action: ScriptAction,
  args: readonly string[],
  name: string,
  result: ProgramResult,
  settings: ScriptCallSettings,
): Failure {
  const command = [settings.protocol.path, ...args].map(shellWord).join(' ');
  const said =
    result.lastLines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${result.lastLines.join('\n')}`;
  return new Failure(
    `The script failed for ${name}`,
    `${name}: the script's ${action} ${outcome(result, settings.timeLimit)}.\nCommand: ${command}\n${said}`,
    advice(result),
  );
}

function outcome(result: ProgramResult, timeLimit: number): string {
  switch (result.ended) {
    case 'by itself':
      return `ended with exit code ${result.exitCode}`;
    case 'by signal':
      return `was ended by ${result.detail}`;
    case 'time limit':
      return `did not end within ${timeLimit} s and was ended, with its children`;
    case 'cancelled':
      return 'was ended, as the run was cancelled';
    case 'not started':
      return `could not be started (${result.detail})`;
  }
}

function advice(result: ProgramResult): string {
  if (result.ended === 'time limit') {
    return 'Find out what it waits for, or allow more time with exec-time-limit.';
  }
  if (result.ended === 'not started') {
    return result.detail === 'ENOEXEC'
      ? 'Its first line names no interpreter; add one, such as #!/bin/sh.'
      : 'Check that this machine can run the program.';
  }
  switch (result.exitCode) {
    case 126:
      return 'Exit code 126 says that a command in it may not be run; check the run bit of what it calls.';
    case 127:
      return 'Exit code 127 says that a command in it was not found; install it in a step before this one.';
    default:
      return 'Run the command above by hand with the same environment to see what it does.';
  }
}

/** A word as a shell reads it back, for a command that the user may paste. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./*-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
