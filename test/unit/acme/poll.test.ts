import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { pollUntil } from '../../../src/acme/poll.ts';
import type { AcmeAnswer } from '../../../src/acme/session.ts';
import { type StoppedClock, stopClock } from '../fixtures/clock.ts';

let clock: StoppedClock;
describe('with a clock that the test moves', () => {
  beforeEach(() => {
    clock = stopClock();
  });
  afterEach(() => clock.restore());

  /** A resource that is read; `done` from the reading of that number on. */
  function resource(doneAt: number, retryAfter?: number) {
    const readAt: number[] = [];
    const read = async (): Promise<AcmeAnswer<string>> => {
      readAt.push(performance.now());
      const body = readAt.length >= doneAt ? 'done' : 'pending';
      return { status: 200, body, location: undefined, retryAfter, links: [] };
    };
    return { read, readAt };
  }

  const isDone = (body: string): boolean => body === 'done';
  const signal = new AbortController().signal;

  describe('polling', () => {
    it('gives the resource once it is as wanted', async () => {
      const { read, readAt } = resource(1);
      const result = pollUntil(read, isDone, { longestWait: 60_000, signal });
      await clock.advance(100);
      assert.equal(await result, 'done');
      assert.deepEqual(readAt, [100]);
    });

    it('backs off from 0.1 s by doubling to 5 s', async () => {
      const { read, readAt } = resource(9);
      const result = pollUntil(read, isDone, { longestWait: 60_000, signal });
      await clock.advance(30_000);
      await result;
      assert.deepEqual(readAt, [100, 300, 700, 1500, 3100, 6300, 11_300, 16_300, 21_300]);
    });

    it('waits as long as the CA asks after the first reading', async () => {
      const { read, readAt } = resource(3, 3000);
      const result = pollUntil(read, isDone, { longestWait: 60_000, signal });
      await clock.advance(10_000);
      await result;
      assert.deepEqual(readAt, [100, 3100, 6100]);
    });

    it('waits no longer than the bound, whatever the CA asks', async () => {
      const { read, readAt } = resource(2, 3_600_000);
      const result = pollUntil(read, isDone, { longestWait: 300_000, signal });
      await clock.advance(61_000);
      await result;
      assert.deepEqual(readAt, [100, 60_100]);
    });

    it('keeps to its own pauses when the CA asks for none', async () => {
      const { read, readAt } = resource(4, 0);
      const result = pollUntil(read, isDone, { longestWait: 60_000, signal });
      await clock.advance(2000);
      await result;
      assert.deepEqual(readAt, [100, 300, 700, 1500]);
    });

    it('gives up when its time is over', async () => {
      const { read } = resource(1000);
      const result = pollUntil(read, isDone, { longestWait: 1000, signal });
      await clock.advance(6000);
      assert.equal(await result, undefined);
    });

    it('ends with the signal’s reason', async () => {
      const cancel = new AbortController();
      const { read } = resource(1000);
      const outcome = assert.rejects(
        pollUntil(read, isDone, { longestWait: 60_000, signal: cancel.signal }),
        {
          message: 'enough',
        },
      );
      await clock.advance(500);
      cancel.abort(new Error('enough'));
      await outcome;
    });

    it('throws what the reading throws', async () => {
      const outcome = assert.rejects(
        pollUntil<string>(() => Promise.reject(new Error('oh')), isDone, { longestWait: 60_000, signal }),
        { message: 'oh' },
      );
      await clock.advance(100);
      await outcome;
    });
  });
});
