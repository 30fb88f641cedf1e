import { delay } from '../parallel.ts';
import { longestRetryAfter } from './retry.ts';
import type { AcmeAnswer } from './session.ts';

/** The first pause, in milliseconds: short, as CAs often are done at once. */
const firstPause = 100;
const longestPause = 5000;

/**
 * Reads a resource again and again, with back-off, until it is as wanted. After the first reading the CA's Retry-After
 * is honoured (RFC 8555 section 7.5.1).
 *
 * @returns the resource, or undefined when `longestWait` milliseconds have passed
 */
export async function pollUntil<T>(
  read: () => Promise<AcmeAnswer<T>>,
  isDone: (body: T) => boolean,
  { longestWait, signal }: { longestWait: number; signal: AbortSignal },
): Promise<T | undefined> {
  const deadline = performance.now() + longestWait;
  let pause = firstPause;
  let asked: number | undefined;
  while (performance.now() < deadline) {
    // A Retry-After of 0 must not make this a loop without pauses.
    await delay(Math.min(asked || pause, longestRetryAfter), signal);
    const answer = await read();
    if (isDone(answer.body)) {
      return answer.body;
    }
    asked = answer.retryAfter;
    pause = Math.min(pause * 2, longestPause);
  }
  return undefined;
}
