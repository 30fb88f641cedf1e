import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { delay, inParallel } from '../../src/parallel.ts';

/** Work that ends when the test says so. */
function gates(count: number): { open: (() => void)[]; passed: Promise<void>[] } {
  const open: (() => void)[] = [];
  const passed = Array.from({ length: count }, () => new Promise<void>((resolve) => void open.push(resolve)));
  return { open, passed };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('work in parallel', () => {
  it('gives its results in the order of the items, whatever ended first', async () => {
    const { open, passed } = gates(2);
    const results = inParallel(2, ['a', 'b'], async (item, index) => {
      await passed[index];
      return `${item}${index}`;
    });
    open[1]?.();
    await settled();
    open[0]?.();
    assert.deepEqual(await results, ['a0', 'b1']);
  });

  it('starts no more than the limit, and the next when one has ended', async () => {
    const started: number[] = [];
    const { open, passed } = gates(3);
    const done = inParallel(2, [0, 1, 2], async (item) => {
      started.push(item);
      await passed[item];
    });
    await settled();
    assert.deepEqual(started, [0, 1]);
    open[1]?.();
    await settled();
    assert.deepEqual(started, [0, 1, 2]);
    open[0]?.();
    open[2]?.();
    await done;
  });

  it('starts nothing after a failure, awaits what runs, and throws the first failure', async () => {
    const { open, passed } = gates(2);
    const ended: number[] = [];
    const done = inParallel(2, [0, 1, 2], async (item) => {
      await passed[item];
      ended.push(item);
      throw new Error(`failure of ${item}`);
    });
    const outcome = assert.rejects(done, { message: 'failure of 1' });
    open[1]?.();
    await settled();
    assert.deepEqual(ended, [1]);
    open[0]?.();
    await outcome;
    assert.deepEqual(ended, [1, 0]);
  });

  it('does nothing when there are no items', async () => {
    assert.deepEqual(await inParallel(3, [], () => assert.fail('Work was started.')), []);
  });
});

describe('a delay', () => {
  it('ends when its time is over, and not before', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    let over = false;
    const done = delay(1000, new AbortController().signal).then(() => {
      over = true;
    });
    t.mock.timers.tick(999);
    await settled();
    assert.equal(over, false);
    t.mock.timers.tick(1);
    await done;
  });

  it('rejects with the signal’s reason as soon as it is aborted', async () => {
    const cancel = new AbortController();
    const outcome = assert.rejects(delay(600_000, cancel.signal), { message: 'enough' });
    cancel.abort(new Error('enough'));
    await outcome;
  });

  it('rejects at once when the signal was aborted before', async () => {
    await assert.rejects(delay(600_000, AbortSignal.abort(new Error('enough'))), { message: 'enough' });
  });
});
