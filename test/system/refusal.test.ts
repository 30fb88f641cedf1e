import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { script } from '../rig/scripts.ts';

describe('A name that the CA does not accept', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority({ config: { caaIdentities: ['pebble.example'] } });
  });
  after(() => ca.stop());

  test('is explained with what the name servers say now', async () => {
    const result = await ca.run({
      domains: 'lie.example',
      'exec-path': script('lying.sh'),
      'propagation-check': 'none',
    });
    const message = result.annotations.at(-1)?.message ?? '';
    assert.match(message, /^lie\.example \(dns-01\): unauthorized: /);
    assert.match(
      message,
      /_acme-challenge\.lie\.example now, expected "[\w-]{43}": not all have the right value/,
    );
  });

  test('is warned about before the order when CAA records forbid this CA', async () => {
    await ca.dns.addCaa('caa.example', [{ tag: 'issue', value: 'other.example' }]);
    const result = await ca.run({ domains: 'www.caa.example' });
    const warning = result.annotations.find(({ title }) => title === 'CAA records forbid this CA');
    assert.match(
      warning?.message ?? '',
      /www\.caa\.example: the CAA records at caa\.example allow other\.example, not this CA/,
    );
  });

  test('is not warned about when CAA records name this CA', async () => {
    await ca.dns.addCaa('ours.example', [
      { tag: 'issue', value: 'pebble.example; validationmethods=dns-01' },
    ]);
    const result = await ca.run({ domains: 'ours.example' });
    assert.ok(!result.annotations.some(({ title }) => title === 'CAA records forbid this CA'));
  });
});
