import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from './action-metadata.ts';

/** The files that a step writes its results to, made anew for every step. */
export const commandFiles = {
  output: 'GITHUB_OUTPUT',
  state: 'GITHUB_STATE',
  env: 'GITHUB_ENV',
  path: 'GITHUB_PATH',
  summary: 'GITHUB_STEP_SUMMARY',
} as const;

export type CommandFiles = Record<keyof typeof commandFiles, string>;

/** Makes a step's command files, empty, where the runner has them. */
export function makeCommandFiles(temp: string): CommandFiles {
  const folder = path.join(temp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const make = (name: string) => {
    const file = path.join(folder, `${name}_${randomUUID()}`);
    writeFileSync(file, '');
    return file;
  };
  return {
    output: make('set_output'),
    state: make('save_state'),
    env: make('set_env'),
    path: make('add_path'),
    summary: make('step_summary'),
  };
}

/** The variables of a step on GitHub's Linux runner. Nothing of the test process's own environment is among them. */
export function runnerEnvironment(
  workspace: string,
  temp: string,
  files: CommandFiles,
): Record<string, string> {
  const environment: Record<string, string> = {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: path.join(temp, '_home'),
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTION_PATH: repository,
    GITHUB_ACTOR: 'octocat',
    GITHUB_API_URL: 'http://127.0.0.1:9',
    GITHUB_EVENT_NAME: 'schedule',
    GITHUB_JOB: 'certificate',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'octocat/site',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0'.repeat(40),
    GITHUB_WORKFLOW: 'Certificate',
    GITHUB_WORKSPACE: workspace,
    RUNNER_ARCH: 'X64',
    RUNNER_NAME: 'rig',
    RUNNER_OS: 'Linux',
    RUNNER_TEMP: temp,
    RUNNER_TOOL_CACHE: path.join(temp, '_tool'),
    // No such token may reach a script. The discard port keeps anything that uses it on this machine.
    ACTIONS_RUNTIME_TOKEN: 'internal-token-of-the-runner',
    ACTIONS_RUNTIME_URL: 'http://127.0.0.1:9/',
    ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/',
  };
  for (const [file, variable] of Object.entries(commandFiles)) {
    environment[variable] = files[file as keyof CommandFiles];
  }
  // Coverage is measured in the action's process as well.
  if (process.env.NODE_V8_COVERAGE) {
    environment.NODE_V8_COVERAGE = process.env.NODE_V8_COVERAGE;
  }
  return environment;
}

/** An input as the runner hands it to an action: upper case, spaces as `_`, dashes kept. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
}
