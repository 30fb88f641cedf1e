import type { ScriptDelimiter, ScriptMode, ScriptRecord } from './arguments.ts';

/** The settings of the protocol as the script sees them, after inputs, variables and its own answer were weighed. */
export interface EffectiveSettings {
  path: string;
  mode: ScriptMode;
  delimiter: ScriptDelimiter;
  /** Seconds. */
  pollingInterval: number;
  /** Seconds. */
  propagationTimeout: number;
  /** Seconds; undefined when all names are served together. */
  sequenceInterval: number | undefined;
}

/** What the runner gives to actions but not to `run:` steps, and what belongs to this step alone. */
const withheld =
  /^(?:INPUT_.*|STATE_.*|ACTIONS_RUNTIME_TOKEN|ACTIONS_RUNTIME_URL|ACTIONS_RESULTS_URL|ACTIONS_CACHE_URL|ACTIONS_CACHE_SERVICE_V2|GITHUB_STATE)$/i;

/**
 * The environment that a `run:` step would have: the process's own without the action's inputs, saved state and the
 * runner's internal tokens.
 */
export function stepEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (value !== undefined && !withheld.test(name)) {
      kept[name] = value;
    }
  }
  return kept;
}

/** The `EXEC_*` variables of one call. */
export function protocolEnvironment(
  settings: EffectiveSettings,
  record?: ScriptRecord,
): Record<string, string> {
  const variables: Record<string, string> = {
    EXEC_PATH: settings.path,
    EXEC_MODE: settings.mode === 'RAW' ? 'RAW' : 'none',
    EXEC_DELIMITER: settings.delimiter,
    EXEC_POLLING_INTERVAL: String(settings.pollingInterval),
    EXEC_PROPAGATION_TIMEOUT: String(settings.propagationTimeout),
  };
  if (settings.sequenceInterval !== undefined) {
    variables.EXEC_SEQUENCE_INTERVAL = String(settings.sequenceInterval);
  }
  if (record !== undefined) {
    variables.EXEC_DOMAIN = record.orderedName;
    if (record.zone !== undefined) {
      variables.EXEC_ZONE = record.zone;
      variables.EXEC_RECORD = relativeName(record.fqdn, record.zone);
    }
  }
  return variables;
}

/** A record's name relative to its zone: `@` at the apex, as zone files and DNS hosts write it. */
export function relativeName(fqdn: string, zone: string): string {
  const name = fqdn.replace(/\.$/, '');
  if (name === zone) {
    return '@';
  }
  return name.endsWith(`.${zone}`) ? name.slice(0, -zone.length - 1) : name;
}
