import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';

const storeKey = await generateIdentity();

describe('A run with a store', () => {
  let ca: InstantAuthority;
  let workspace: string;
  const withStore = { domains: 'shop.example www.shop.example', store: 'store', 'store-key': storeKey };

  before(async () => {
    ca = await startInstantAuthority();
    workspace = temporaryFolder('renewal');
    const first = await ca.run(withStore, { workspace });
    assert.equal(first.outputs.renewed, 'true', first.stdout);
  });
  after(() => ca.stop());

  test('asks the CA for nothing but renewal information when nothing is due', async () => {
    const earlier = ca.proxy.count();
    const result = await ca.run(withStore, { workspace });
    assert.equal(result.outputs.renewed, 'false');
    const requests = ca.proxy.requests.slice(earlier).map(({ method, kind }) => `${method} ${kind}`);
    assert.deepEqual(requests, ['GET renewal-info']);
  });

  test('describes the certificate of the store, and points to its files, when nothing is due', async () => {
    const { outputs } = await ca.run(withStore, { workspace });
    const folder = path.join(workspace, 'store', 'certificates', 'shop.example');
    assert.equal(outputs.certificate, path.join(folder, 'cert.pem'));
    assert.equal(outputs.fullchain, path.join(folder, 'fullchain.pem'));
    assert.equal(outputs['private-key'], '');
    assert.deepEqual(JSON.parse(outputs.domains ?? ''), ['shop.example', 'www.shop.example']);
    assert.match(outputs.reason ?? '', /^Not due: valid until /);
  });

  test('renews within 2n+10 requests, in the name of the stored account and as a replacement', async () => {
    const earlier = ca.proxy.count();
    const result = await ca.run({ ...withStore, force: 'true' }, { workspace });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    const requests = ca.proxy.requests.slice(earlier);
    assert.ok(requests.length <= 2 * 2 + 10, `${requests.length} requests`);
    assert.equal(requests.filter(({ kind }) => kind === 'new-account').length, 0);
    const order = requests.find(({ kind }) => kind === 'new-order')?.payload as { replaces?: string };
    assert.match(order.replaces ?? '', /^[\w-]+\.[\w-]+$/);
  });

  for (const [change, inputs, reason] of [
    ['the names', { domains: 'shop.example' }, /the names changed \(-www\.shop\.example\)/],
    ['the key type', { 'key-type': 'ec384' }, /the key type changed from ec256 to ec384/],
    ['the server', { server: 'pebble' }, /the CA changed from https:/],
  ] as const) {
    test(`is due when ${change} changed`, async () => {
      const copy = temporaryFolder('renewal');
      await ca.run(withStore, { workspace: copy });
      const changed = { ...inputs, ...('server' in inputs && { server: ca.pebble.directoryUrl }) };
      const result = await ca.run(
        { ...withStore, ...changed, 'ca-certificates': bothRoots(ca) },
        { workspace: copy },
      );
      assert.equal(result.outputs.renewed, 'true', result.stdout);
      assert.match(result.outputs.reason ?? '', reason);
    });
  }

  test('follows the advice of the CA to renew early, and shows its explanation', async () => {
    const copy = temporaryFolder('renewal');
    const first = await ca.run(withStore, { workspace: copy });
    const past = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' };
    const advice = { suggestedWindow: past, explanationURL: 'https://ca.example/incident' };
    await ca.pebble.setRenewalInfo(certificateOf(first), JSON.stringify(advice));
    const result = await ca.run(withStore, { workspace: copy });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    assert.match(result.outputs.reason ?? '', /^Due since 2020-01-01T.*\(the CA's advice\)/);
    assert.match(result.summary, /https:\/\/ca\.example\/incident/);
  });

  for (const [fault, answer] of [
    ['is no JSON', 'soon'],
    [
      'has a window that ends before it starts',
      JSON.stringify({ suggestedWindow: { start: '2030-01-02', end: '2030-01-01' } }),
    ],
    [
      'would let the certificate run out',
      JSON.stringify({ suggestedWindow: { start: '2099-01-01', end: '2099-01-02' } }),
    ],
  ] as const) {
    test(`is decided by the lifetime when the advice ${fault}`, async () => {
      const copy = temporaryFolder('renewal');
      const first = await ca.run(withStore, { workspace: copy });
      await ca.pebble.setRenewalInfo(certificateOf(first), answer);
      const result = await ca.run(withStore, { workspace: copy });
      assert.equal(result.outputs.renewed, 'false', result.stdout);
      assert.match(result.outputs.reason ?? '', /\(the lifetime\)\.$/);
    });
  }

  test('renews what would be due before the next run', async () => {
    const result = await ca.run({ ...withStore, 'check-interval': '80d' }, { workspace });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    assert.match(result.outputs.reason ?? '', /before the next run in about 1920 h/);
  });

  test('orders without naming a replacement when the CA refuses that', async () => {
    const copy = temporaryFolder('renewal');
    const first = await ca.run(withStore, { workspace: copy });
    const old = path.join(copy, 'store-old');
    await ca.run({ ...withStore, force: 'true', store: 'store' }, { workspace: copy });
    // The CA knows a replacement of the first certificate already; a run that has the first one names it again.
    const again = await ca.run(
      {
        domains: withStore.domains,
        'account-key': readFileSync(first.outputs['account-key'] ?? '', 'utf8'),
        'current-certificate': first.outputs.certificate ?? '',
        force: 'true',
        'output-dir': old,
      },
      { workspace: copy },
    );
    assert.equal(again.outputs.renewed, 'true', again.stdout);
    assert.match(again.stdout, /does not take the order as a replacement/);
  });
});

describe('A CA whose renewal information hangs', () => {
  test('does not hold up a run', async () => {
    const ca = await startInstantAuthority({
      fault: ({ kind }) => (kind === 'renewal-info' ? 'silence' : undefined),
    });
    try {
      const workspace = temporaryFolder('renewal');
      const inputs = { domains: 'slow.example', store: 'store', 'store-key': storeKey };
      await ca.run(inputs, { workspace });
      const result = await ca.run(inputs, { workspace });
      assert.equal(result.outputs.renewed, 'false', result.stdout);
      assert.match(result.stdout, /renewal information cannot be had/);
    } finally {
      await ca.stop();
    }
  });
});

function bothRoots({ proxy, pebble }: InstantAuthority): string {
  return readFileSync(proxy.rootCertificate, 'utf8') + readFileSync(pebble.rootCertificate, 'utf8');
}

/** The certificate that a run obtained, as PEM. */
function certificateOf(result: { outputs: Readonly<Record<string, string>> }): string {
  return readFileSync(result.outputs.certificate ?? '', 'utf8');
}
