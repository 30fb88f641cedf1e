import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';

describe('The requests of one order', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  for (const n of [1, 10, 50]) {
    test(`are at most 2n+12 for ${n} new names with a new account`, async () => {
      const earlier = ca.proxy.count();
      const domains = Array.from({ length: n }, (_, index) => `n${index}.of-${n}.example`);
      const result = await ca.run({ domains: domains.join(' ') });
      assert.equal(result.outputs.renewed, 'true', result.stdout);
      const requests = ca.proxy.count() - earlier;
      assert.ok(requests <= 2 * n + 12, `${requests} requests`);
    });
  }
});

describe('Names that are still authorized', () => {
  test('cost at most 7 requests together, and no call of the script', async () => {
    const ca = await startInstantAuthority({ env: { PEBBLE_AUTHZREUSE: '100' } });
    try {
      const domains = Array.from({ length: 10 }, (_, index) => `again${index}.example`).join(' ');
      const first = await ca.run({ domains });
      const account = { 'account-key': readFileSync(first.outputs['account-key'] ?? '', 'utf8') };
      const earlier = ca.proxy.count();
      const second = await ca.run({ domains, ...account });
      assert.equal(second.outputs.renewed, 'true', second.stdout);
      assert.ok(ca.proxy.count() - earlier <= 7, `${ca.proxy.count() - earlier} requests`);
      assert.doesNotMatch(second.stdout, /\| present/);
    } finally {
      await ca.stop();
    }
  });
});
