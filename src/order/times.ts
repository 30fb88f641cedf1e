import type { CheckPace } from '../dns/server-watch.ts';
import type { Log } from '../log.ts';
import type { EffectiveSettings } from '../script/environment.ts';
import { DnsScript } from '../script/script.ts';
import type { TimeoutAnswer } from '../script/timeout-answer.ts';
import type { ScriptSettings } from '../settings/script.ts';

/** lego's defaults for the exec provider, in seconds. */
const defaultInterval = 3;
const defaultTimeout = 60;

/** The times of the propagation check. */
export interface EffectiveTimes {
  pace: CheckPace;
  /** Seconds. */
  timeout: number;
}

/**
 * Weighs the times: an explicit setting wins over the script's answer, which wins over the defaults. The script is asked
 * only when a setting is missing.
 */
export async function effectiveTimes(
  settings: ScriptSettings,
  environment: NodeJS.ProcessEnv,
  log: Log,
  signal: AbortSignal,
): Promise<{ times: EffectiveTimes; protocol: EffectiveSettings }> {
  const { pollingInterval, propagationTimeout } = settings;
  const isComplete = pollingInterval !== undefined && propagationTimeout !== undefined;
  const answer = isComplete
    ? undefined
    : await new DnsScript(
        { ...settings, protocol: protocolSettings(settings, undefined) },
        environment,
        log,
      ).askTimeout(signal);
  const protocol = protocolSettings(settings, answer);
  return {
    protocol,
    times: {
      pace: {
        interval: protocol.pollingInterval * 1000,
        eager: (pollingInterval ?? answer?.interval) === undefined,
      },
      timeout: protocol.propagationTimeout,
    },
  };
}

function protocolSettings(settings: ScriptSettings, answer: TimeoutAnswer | undefined): EffectiveSettings {
  return {
    path: settings.writtenPath,
    mode: settings.mode,
    delimiter: settings.delimiter,
    pollingInterval: settings.pollingInterval ?? answer?.interval ?? defaultInterval,
    propagationTimeout: settings.propagationTimeout ?? answer?.timeout ?? defaultTimeout,
    sequenceInterval: settings.sequenceInterval,
  };
}
