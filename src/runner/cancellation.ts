import { Cancelled } from '../failure.ts';

/**
 * How long the clean-up may take after the first signal, in milliseconds. The runner sends SIGINT, 7.5 s later SIGTERM,
 * and 2.5 s after that it kills.
 */
const cleanUpTime = 6000;

/** The signals of a runner that cancels a step, as abort signals. */
export interface Cancellation {
  /** Aborted with a `Cancelled` by the first signal. */
  cancelled: AbortSignal;
  /** Aborted by the second signal, or when the time for the clean-up is over. */
  urgent: AbortSignal;
}

/** Listens for signals from here on; without this the first one would end the process. */
export function listenForCancellation(): Cancellation {
  const cancelled = new AbortController();
  const urgent = new AbortController();
  const onSignal = (name: NodeJS.Signals): void => {
    if (cancelled.signal.aborted) {
      urgent.abort(new Cancelled(name));
      return;
    }
    cancelled.abort(new Cancelled(name));
    setTimeout(() => urgent.abort(new Cancelled(name)), cleanUpTime).unref();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, onSignal);
  }
  return { cancelled: cancelled.signal, urgent: urgent.signal };
}
