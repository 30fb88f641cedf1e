/** Why a request may be sent again. */
export type Refusal =
  | { kind: 'status'; status: number; retryAfter: number | undefined }
  | { kind: 'network'; code: string }
  | { kind: 'time-out' };

/** Longest wait that a CA's Retry-After is obeyed for, in milliseconds. */
export const longestRetryAfter = 60_000;

const attempts = 5;
const attemptsAfterTimeOut = 2;
const firstPause = 500;

/** Faults of the network that pass; a name that does not exist or a certificate that is not trusted does not. */
const passing = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_BAD_RESPONSE',
]);

/**
 * How long to wait before a request is sent again, in milliseconds, or undefined when it is not.
 *
 * @param attempt how often it was sent, from 1
 */
export function pauseBeforeRetry(attempt: number, refusal: Refusal): number | undefined {
  const pause = firstPause * 2 ** (attempt - 1);
  switch (refusal.kind) {
    case 'time-out':
      return attempt < attemptsAfterTimeOut ? pause : undefined;
    case 'network':
      return passing.has(refusal.code) && attempt < attempts ? pause : undefined;
    case 'status': {
      const { status, retryAfter } = refusal;
      if (attempt >= attempts || (status !== 429 && status < 500)) {
        return undefined;
      }
      if (retryAfter === undefined) {
        return status === 429 ? undefined : pause;
      }
      return retryAfter <= longestRetryAfter ? Math.max(retryAfter, pause) : undefined;
    }
  }
}

/**
 * The wait that a Retry-After header asks for, in milliseconds, never negative (RFC 9110 section 10.2.3: seconds or a date).
 */
export function parseRetryAfter(header: unknown, now: number): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') {
    return undefined;
  }
  if (/^\d+$/.test(header.trim())) {
    return Number(header) * 1000;
  }
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
