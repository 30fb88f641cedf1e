import { parseDomains } from './domains.ts';
import { type Problem, Problems } from './problem.ts';
import { parseResolvers } from './resolvers.ts';
import { readScriptSettings, type ScriptSettings } from './script.ts';

/** The inputs of the `check` action; a test holds them beside its `action.yml`. */
export const checkInputNames = [
  'domains',
  'exec-path',
  'exec-mode',
  'exec-delimiter',
  'exec-polling-interval',
  'exec-propagation-timeout',
  'exec-concurrency',
  'exec-time-limit',
  'exec-env',
  'dns-resolvers',
] as const;

/** What is checked. */
export interface CheckSettings {
  domains: string[];
  script: ScriptSettings;
  /** Addresses of recursive resolvers; empty: the system's. */
  resolvers: string[];
}

/** Reads the settings of a check; every problem is found, not only the first. */
export function readCheckSettings(
  inputs: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): { settings: CheckSettings | undefined; problems: Problem[] } {
  const problems = new Problems();
  const workspace = environment.GITHUB_WORKSPACE || process.cwd();
  const places = { workspace, searchPath: environment.PATH ?? '', platform };
  const domains = parseDomains(inputs.get('domains') ?? '', problems);
  const script = readScriptSettings(inputs, environment, places, true, problems);
  const resolvers = parseResolvers(inputs.get('dns-resolvers') ?? '', problems);
  const settings =
    script === undefined || problems.found.length > 0 ? undefined : { domains, script, resolvers };
  return { settings, problems: problems.found };
}
