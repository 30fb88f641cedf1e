/**
 * The runner's workflow commands and command files, by @actions/core.
 *
 * Its modules are imported one by one: the package's index also loads an HTTP client for OIDC tokens, which this
 * action never asks for and which would more than double the time until a bad input is reported.
 */
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { issueCommand } from '../../node_modules/@actions/core/lib/command.js';
import {
  issueFileCommand,
  prepareKeyValueMessage,
} from '../../node_modules/@actions/core/lib/file-command.js';
import { summary } from '../../node_modules/@actions/core/lib/summary.js';
import type { Log } from '../log.ts';
import { inertText, logLine } from './script-output.ts';

/** The raw text of every input that was given, by its name as `action.yml` spells it. */
export function readInputs(names: readonly string[], environment: NodeJS.ProcessEnv): Map<string, string> {
  const inputs = new Map<string, string>();
  for (const name of names) {
    inputs.set(name, (environment[`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`] ?? '').trim());
  }
  return inputs;
}

/** Sets an output of the step. */
export function setOutput(name: string, value: string): void {
  keepValue('OUTPUT', 'set-output', name, value);
}

/** Keeps a value for the post step, where it arrives as `STATE_<name>`. */
export function saveState(name: string, value: string): void {
  keepValue('STATE', 'save-state', name, value);
}

/** A path for the journal of a step: among the job's temporary files, its own for each step. */
export function journalFile(environment: NodeJS.ProcessEnv): string {
  const folder = environment.RUNNER_TEMP || path.join(process.cwd(), '.acme-exec');
  return path.join(folder, 'acme-exec-journal', `${randomUUID()}.jsonl`);
}

/** A value that the main step kept, or an empty string. */
export function readState(name: string, environment: NodeJS.ProcessEnv): string {
  return environment[`STATE_${name}`] ?? '';
}

/**
 * Masks a secret in the log from here on, each of its lines on its own, as the runner sees lines only. The first and the
 * last line of PEM are no secret.
 */
export function mask(secret: string): void {
  for (const line of secret.split(/\r\n|\n|\r/)) {
    if (line.trim() !== '' && !line.startsWith('-----')) {
      issueCommand('add-mask', {}, line.trim());
    }
  }
}

/** Fails the step with an annotation. */
export function fail(title: string, message: string): void {
  process.exitCode = 1;
  issueCommand('error', { title }, message);
}

/** Appends Markdown to the job summary; a runner that has none is told nothing. */
export async function writeSummary(markdown: string): Promise<void> {
  if (process.env.GITHUB_STEP_SUMMARY) {
    await summary.addRaw(markdown, true).write();
  }
}

/** Whether debug logging is on for this run. */
export function isDebug(environment: NodeJS.ProcessEnv): boolean {
  return environment.RUNNER_DEBUG === '1';
}

/** A log that speaks to the runner. */
export const runnerLog: Log = {
  debug: (message) => issueCommand('debug', {}, message),
  info: (message) => {
    process.stdout.write(`${inertText(message)}\n`);
  },
  scriptLine: (name, line) => {
    process.stdout.write(`${logLine(name, line)}\n`);
  },
  notice: (title, message) => issueCommand('notice', { title }, message),
  warning: (title, message) => issueCommand('warning', { title }, message),
};

function keepValue(file: 'OUTPUT' | 'STATE', command: string, name: string, value: string): void {
  if (process.env[`GITHUB_${file}`]) {
    issueFileCommand(file, prepareKeyValueMessage(name, value));
    return;
  }
  process.stdout.write('\n');
  issueCommand(command, { name }, value);
}
