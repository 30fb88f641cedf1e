import assert from 'node:assert/strict';
import { afterEach, describe, it, type TestContext } from 'node:test';
import { Cancelled } from '../../../src/failure.ts';
import { type Cancellation, listenForCancellation } from '../../../src/runner/cancellation.ts';

const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const before = new Map(names.map((name) => [name, process.listeners(name)]));

describe('signals of the runner', () => {
  afterEach(() => {
    for (const name of names) {
      for (const listener of ownListeners(name)) {
        process.removeListener(name, listener);
      }
    }
  });

  function ownListeners(name: (typeof names)[number]): NodeJS.SignalsListener[] {
    return process.listeners(name).filter((listener) => !before.get(name)?.includes(listener));
  }

  /** A step that listens, on a clock that the test moves. */
  function listening(t: TestContext): Cancellation & { signal: (name: (typeof names)[number]) => void } {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    return {
      ...listenForCancellation(),
      // Not by a real signal, which Windows does not have and the test runner may hear as well.
      signal: (name) => {
        for (const listener of ownListeners(name)) {
          listener(name);
        }
      },
    };
  }

  describe('a step that is cancelled', () => {
    it('goes on until there is a signal', (t) => {
      const { cancelled, urgent } = listening(t);
      assert.deepEqual([cancelled.aborted, urgent.aborted], [false, false]);
    });

    for (const name of names) {
      it(`stops what it does by ${name} and cleans up`, (t) => {
        const { cancelled, urgent, signal } = listening(t);
        signal(name);
        assert.ok(cancelled.reason instanceof Cancelled);
        assert.match(cancelled.reason.message, new RegExp(name));
        assert.equal(urgent.aborted, false);
      });
    }

    it('ends the clean-up by a second signal', (t) => {
      const { urgent, signal } = listening(t);
      signal('SIGINT');
      signal('SIGTERM');
      assert.match(urgent.reason.message, /SIGTERM/);
    });

    it('ends the clean-up 6 s after the first signal, before the runner ends the process', (t) => {
      const { urgent, signal } = listening(t);
      signal('SIGINT');
      t.mock.timers.tick(5999);
      assert.equal(urgent.aborted, false);
      t.mock.timers.tick(1);
      assert.equal(urgent.aborted, true);
    });
  });
});
