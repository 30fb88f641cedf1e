import path from 'node:path';
import { readAccountSettings } from './account.ts';
import { parseRoots, parseServer } from './authority.ts';
import { readCertificateSettings } from './certificate.ts';
import { parseChoice } from './choice.ts';
import { parseNumber, parseSwitch } from './numbers.ts';
import { type Problem, Problems } from './problem.ts';
import { findProgram, type ProgramPlaces } from './program.ts';
import { readRenewalSettings } from './renewal.ts';
import { parseResolvers } from './resolvers.ts';
import { readScriptSettings, type ScriptSettings } from './script.ts';
import type { DeploySettings, PropagationSettings, Settings } from './settings.ts';
import { readStoreSettings } from './store.ts';

/** The inputs of the action, as `action.yml` spells them; a test holds the two side by side. */
export const inputNames = [
  'domains',
  'csr',
  'name',
  'server',
  'ca-certificates',
  'agree-tos',
  'email',
  'account-key',
  'eab-kid',
  'eab-hmac-key',
  'key-type',
  'private-key',
  'reuse-key',
  'profile',
  'preferred-chain',
  'challenge',
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
  'current-certificate',
  'renew-before',
  'check-interval',
  'force',
  'store',
  'store-cache',
  'store-key',
  'store-recipients',
  'output-dir',
  'pfx-password',
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
export async function readSettings(
  inputs: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<SettingsReading> {
  const problems = new Problems();
  const input = (name: string): string => inputs.get(name) ?? '';
  const workspace = environment.GITHUB_WORKSPACE || process.cwd();
  const places: ProgramPlaces = { workspace, searchPath: environment.PATH ?? '', platform };

  const agreesToTerms = parseSwitch('agree-tos', input('agree-tos'), false, problems);
  const certificate = await readCertificateSettings(input, workspace, problems);
  const name = parseName(input('name'), certificate.domains[0], problems);
  const challenge = parseChoice('challenge', input('challenge'), ['dns-01', 'dns-persist-01'], problems);
  const script = readScriptSettings(inputs, environment, places, challenge === 'dns-01', problems);
  if (challenge === 'dns-persist-01') {
    checkPersistence(input, script, problems);
  }
  const settings = {
    name,
    authority: {
      directoryUrl: parseServer(input('server'), problems),
      roots: parseRoots(input('ca-certificates'), workspace, problems),
    },
    account: readAccountSettings(input, problems),
    certificate,
    challenge,
    script,
    workspace,
    renewal: readRenewalSettings(input, workspace, problems),
    store: readStoreSettings(input, workspace, problems),
    propagation: readPropagationSettings(input, problems),
    output: {
      directory: outputDirectory(input('output-dir'), name, workspace, environment),
      pfxPassword: parsePfxPassword(input, problems),
      deploy: parseDeploy(input('deploy-path'), places, problems),
    },
  };
  return {
    settings: problems.found.length > 0 ? undefined : settings,
    problems: problems.found,
    agreesToTerms,
  };
}

function readPropagationSettings(input: (name: string) => string, problems: Problems): PropagationSettings {
  const rule = { minimum: 0, maximum: 86_400, whole: false, unit: 'seconds' };
  return {
    check: parseChoice(
      'propagation-check',
      input('propagation-check'),
      ['authoritative', 'recursive', 'none'],
      problems,
    ),
    delay: parseNumber('propagation-delay', input('propagation-delay'), rule, problems) ?? 0,
    resolvers: parseResolvers(input('dns-resolvers'), problems),
  };
}

/** A standing record names the account, and there is no token for RAW mode. */
function checkPersistence(
  input: (name: string) => string,
  script: ScriptSettings | undefined,
  problems: Problems,
): void {
  if (input('account-key') === '' && input('store') === '') {
    problems.add(
      'challenge',
      'dns-persist-01',
      'needs an account that stays, as the record names it: give account-key, or a store.',
    );
  }
  if (script?.mode === 'RAW') {
    problems.add('exec-mode', 'RAW', 'contradicts dns-persist-01, which has no token; use none.');
  }
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

function parsePfxPassword(input: (name: string) => string, problems: Problems): string | undefined {
  const password = input('pfx-password') || undefined;
  if (password !== undefined && input('csr') !== '') {
    problems.add(
      'pfx-password',
      '(not shown)',
      'contradicts csr: a PKCS#12 file holds the key, which stays with you.',
    );
  }
  return password;
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
