import path from 'node:path';
import { type KeyType, keyToPem, keyTypes, readPrivateKey } from '../certificate/key.ts';
import type { PropagationCheck } from '../dns/propagation.ts';
import { messageOf } from '../failure.ts';
import { parseRoots, parseServer } from './authority.ts';
import { parseDomains } from './domains.ts';
import { parseNumber, parseSwitch } from './numbers.ts';
import { type Problem, Problems } from './problem.ts';
import { findProgram, type ProgramPlaces } from './program.ts';
import { parseResolvers } from './resolvers.ts';
import { readScriptSettings } from './script.ts';
import type { DeploySettings, Settings } from './settings.ts';

/** The inputs of the action, as `action.yml` spells them; a test holds the two side by side. */
export const inputNames = [
  'domains',
  'name',
  'server',
  'ca-certificates',
  'agree-tos',
  'email',
  'account-key',
  'key-type',
  'exec-path',
  'exec-mode',
  'exec-delimiter',
  'exec-polling-interval',
  'exec-propagation-timeout',
  'exec-sequence-interval',
  'exec-concurrency',
  'exec-time-limit',
  'exec-env',
  'dns-resolvers',
  'propagation-check',
  'propagation-delay',
  'output-dir',
  'deploy-path',
] as const;

/** What the inputs and the environment say, and all that is wrong with it. */
export interface SettingsReading {
  /** Undefined when there are problems. */
  settings: Settings | undefined;
  problems: Problem[];
  /** Whether `agree-tos` is true. It is told apart, as its message needs the CA's directory. */
  agreesToTerms: boolean;
}

/**
 * Reads the settings of a run. Nothing is sent and nothing is written; every problem is found, not only the first.
 *
 * @param inputs the trimmed text of each input by its name
 */
export function readSettings(
  inputs: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): SettingsReading {
  const problems = new Problems();
  const input = (name: (typeof inputNames)[number]): string => inputs.get(name) ?? '';
  const workspace = environment.GITHUB_WORKSPACE || process.cwd();
  const places: ProgramPlaces = { workspace, searchPath: environment.PATH ?? '', platform };

  const agreesToTerms = parseSwitch('agree-tos', input('agree-tos'), false, problems);
  const domains = parseDomains(input('domains'), problems);
  const name = parseName(input('name'), domains[0], problems);
  const script = readScriptSettings(inputs, environment, places, problems);
  const settings = {
    name,
    domains,
    authority: {
      directoryUrl: parseServer(input('server'), problems),
      roots: parseRoots(input('ca-certificates'), workspace, problems),
    },
    account: {
      email: parseEmail(input('email'), problems),
      key: parseKey('account-key', input('account-key'), problems),
    },
    keyType: parseChoice('key-type', input('key-type'), keyTypes, problems) satisfies KeyType,
    propagation: {
      check: parseChoice(
        'propagation-check',
        input('propagation-check'),
        ['authoritative', 'recursive', 'none'] as const,
        problems,
      ) satisfies PropagationCheck,
      delay: parseDelay(input('propagation-delay'), problems),
      resolvers: parseResolvers(input('dns-resolvers'), problems),
    },
    outputDirectory: outputDirectory(input('output-dir'), name, workspace, environment),
    deploy: parseDeploy(input('deploy-path'), places, problems),
  };
  return {
    settings: script === undefined || problems.found.length > 0 ? undefined : { ...settings, script },
    problems: problems.found,
    agreesToTerms,
  };
}

function parseName(text: string, firstDomain: string | undefined, problems: Problems): string {
  if (text === '') {
    return (firstDomain ?? '').replaceAll('*', '_');
  }
  if (!/^[\p{L}\p{N}_][\p{L}\p{N}._@-]{0,199}$/u.test(text)) {
    problems.add(
      'name',
      text,
      'cannot name a folder everywhere; use letters, digits, and . _ - @ after the first character, 200 at most.',
    );
  }
  return text;
}

function parseEmail(text: string, problems: Problems): string | undefined {
  if (text === '') {
    return undefined;
  }
  const email = text.replace(/^mailto:/i, '');
  if (!/^[^\s@,?]+@[^\s@,?]+$/.test(email)) {
    problems.add('email', text, 'is not one e-mail address; write name@example.com, or leave it out.');
  }
  return email;
}

function parseKey(input: string, text: string, problems: Problems): string | undefined {
  if (text === '') {
    return undefined;
  }
  try {
    return keyToPem(readPrivateKey(text));
  } catch (error) {
    problems.add(input, '(not shown)', messageOf(error));
    return undefined;
  }
}

/** One of a list of words; the first is the default. */
function parseChoice<T extends string>(
  input: string,
  text: string,
  choices: readonly [T, ...T[]],
  problems: Problems,
): T {
  const choice = text === '' ? choices[0] : choices.find((word) => word === text.toLowerCase());
  if (choice === undefined) {
    problems.add(input, text, `is not one of: ${choices.join(', ')}.`);
  }
  return choice ?? choices[0];
}

function parseDelay(text: string, problems: Problems): number {
  const rule = { minimum: 0, maximum: 86_400, whole: false, unit: 'seconds' };
  return parseNumber('propagation-delay', text, rule, problems) ?? 0;
}

function parseDeploy(text: string, places: ProgramPlaces, problems: Problems): DeploySettings | undefined {
  const program = text === '' ? undefined : findProgram('deploy-path', text, places, problems);
  return program === undefined ? undefined : { program, writtenPath: text };
}

function outputDirectory(
  text: string,
  name: string,
  workspace: string,
  environment: NodeJS.ProcessEnv,
): string {
  return text === ''
    ? path.join(environment.RUNNER_TEMP || path.join(workspace, '.acme-exec'), 'acme-exec', name)
    : path.resolve(workspace, text);
}
