import { delay } from '../parallel.ts';
import type { Answer, NameServer } from './query.ts';
import type { CheckPace } from './server-watch.ts';

/** A server that is watched. */
export interface WatchedServer {
  label: string;
  ask: NameServer;
}

/** What became of the wait for one server. */
export interface Sighting {
  server: string;
  /** Milliseconds until it answered as hoped; undefined: not in time. */
  after: number | undefined;
  /** Its last answer. */
  answer: Answer<string>;
}

/**
 * Asks servers side by side for the TXT records of a name until each answers as hoped, or time is up.
 *
 * @param isHoped judges the values that a server shows; none when it has no record
 * @param timeout milliseconds
 */
export async function observe(
  servers: readonly WatchedServer[],
  name: string,
  isHoped: (values: readonly string[]) => boolean,
  { pace, timeout, signal }: { pace: CheckPace; timeout: number; signal: AbortSignal },
): Promise<Sighting[]> {
  const started = performance.now();
  return await Promise.all(
    servers.map(async ({ label, ask }) => {
      let pause = pace.eager ? Math.min(100, pace.interval) : pace.interval;
      for (;;) {
        const answer = await ask.txt(name);
        signal.throwIfAborted();
        const elapsed = performance.now() - started;
        if (answer.kind !== 'failed' && isHoped(answer.kind === 'values' ? answer.values : [])) {
          return { server: label, after: elapsed, answer };
        }
        if (elapsed + pause > timeout) {
          return { server: label, after: undefined, answer };
        }
        await delay(pause, signal);
        pause = Math.min(pause * 2, pace.interval);
      }
    }),
  );
}
