import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NoncePool } from '../../../src/acme/nonces.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A pool whose CA numbers its nonces. */
function poolOf(limit: number): { pool: NoncePool; fetched: () => number } {
  let count = 0;
  const pool = new NoncePool(limit, async () => {
    count += 1;
    return `fetched ${count}`;
  });
  return { pool, fetched: () => count };
}

describe('the pool of nonces', () => {
  it('fetches one when it has none', async () => {
    const { pool } = poolOf(1);
    assert.equal(await pool.take(), 'fetched 1');
  });

  it('hands out what answers brought before it fetches more', async () => {
    const { pool, fetched } = poolOf(3);
    await pool.take();
    pool.give('from an answer');
    assert.equal(await pool.take(), 'from an answer');
    assert.equal(fetched(), 1);
  });

  it('hands out each nonce once', async () => {
    const { pool } = poolOf(2);
    await pool.take();
    pool.give('from an answer');
    assert.deepEqual(await Promise.all([pool.take(), pool.take()]), ['from an answer', 'fetched 2']);
  });

  it('fetches no more than its limit; others wait for answers, the first first', async () => {
    const { pool, fetched } = poolOf(2);
    await Promise.all([pool.take(), pool.take()]);
    const waiting = Promise.all([pool.take(), pool.take()]);
    await settled();
    assert.equal(fetched(), 2);
    pool.give('a');
    pool.give('b');
    assert.deepEqual(await waiting, ['a', 'b']);
  });

  it('fetches anew for one that waits when a nonce was lost with its request', async () => {
    const { pool } = poolOf(1);
    await pool.take();
    const waiting = pool.take();
    await settled();
    pool.lose();
    assert.equal(await waiting, 'fetched 2');
  });

  it('fetches anew later when a nonce was lost while nobody waited', async () => {
    const { pool } = poolOf(1);
    await pool.take();
    pool.lose();
    assert.equal(await pool.take(), 'fetched 2');
  });

  it('throws what the fetching threw, and lets the next one try', async () => {
    const faults = [new Error('no network')];
    const pool = new NoncePool(1, async () => {
      const fault = faults.shift();
      if (fault !== undefined) {
        throw fault;
      }
      return 'at last';
    });
    const first = assert.rejects(pool.take(), { message: 'no network' });
    const second = pool.take();
    await first;
    assert.equal(await second, 'at last');
  });
});
