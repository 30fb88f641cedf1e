import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseRetryAfter, pauseBeforeRetry, type Refusal } from '../../../src/acme/retry.ts';

const status = (code: number, retryAfter?: number): Refusal => ({ kind: 'status', status: code, retryAfter });

/** The pauses before each further attempt, until it is given up. */
function pauses(refusal: Refusal): number[] {
  const all: number[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const pause = pauseBeforeRetry(attempt, refusal);
    if (pause === undefined) {
      return all;
    }
    all.push(pause);
  }
}

describe('a refused request', () => {
  it('is sent again with doubling pauses after a fault of the server, five times in all', () => {
    assert.deepEqual(pauses(status(500)), [500, 1000, 2000, 4000]);
  });

  it('is sent again after the time that the CA asks for, if that is longer', () => {
    assert.deepEqual(pauses(status(503, 3000)), [3000, 3000, 3000, 4000]);
  });

  it('is sent again when the CA limits the rate and asks for a wait within bounds', () => {
    assert.deepEqual(pauses(status(429, 60_000)), [60_000, 60_000, 60_000, 60_000]);
  });

  it('is not sent again when the CA limits the rate and asks for no wait', () => {
    assert.deepEqual(pauses(status(429)), []);
  });

  for (const code of [429, 503]) {
    it(`is not sent again after ${code} when the wait is beyond the bound`, () => {
      assert.deepEqual(pauses(status(code, 60_001)), []);
    });
  }

  for (const code of [400, 401, 403, 404, 409]) {
    it(`is not sent again after ${code}`, () => {
      assert.deepEqual(pauses(status(code)), []);
    });
  }

  it('is sent once more after a time-out', () => {
    assert.deepEqual(pauses({ kind: 'time-out' }), [500]);
  });

  for (const code of ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']) {
    it(`is sent again after the passing fault ${code}`, () => {
      assert.deepEqual(pauses({ kind: 'network', code }), [500, 1000, 2000, 4000]);
    });
  }

  for (const code of [
    'ENOTFOUND',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'CERT_HAS_EXPIRED',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ]) {
    it(`is not sent again after the lasting fault ${code}`, () => {
      assert.deepEqual(pauses({ kind: 'network', code }), []);
    });
  }
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-23T08:00:00Z');

  for (const [header, milliseconds] of [
    ['0', 0],
    [' 120 ', 120_000],
    ['Mon, 23 Nov 2026 08:00:05 GMT', 5000],
    ['Mon, 23 Nov 2026 07:59:00 GMT', 0],
  ] as const) {
    it(`"${header}" is a wait of ${milliseconds} ms`, () => {
      assert.equal(parseRetryAfter(header, now), milliseconds);
    });
  }

  for (const header of [undefined, '', ' ', 'soon', ['1'], 5]) {
    it(`${JSON.stringify(header)} says nothing`, () => {
      assert.equal(parseRetryAfter(header, now), undefined);
    });
  }
});
