import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { run } from '../rig/process.ts';
import { requiredTool, skipUnless } from '../rig/tools.ts';

let ca: InstantAuthority;
before(async () => {
  ca = await startInstantAuthority({
    env: { PEBBLE_ALTERNATE_ROOTS: '2' },
    config: {
      profiles: {
        default: { description: 'The usual one', validityPeriod: 7_776_000 },
        short: { description: 'Six days', validityPeriod: 518_400 },
      },
    },
  });
});
after(() => ca.stop());

describe('A key of the user', () => {
  test('is used when it is given as text', async () => {
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const pem = key.export({ type: 'sec1', format: 'pem' }).toString();
    const { outputs, stdout } = await ca.run({ domains: 'own.example', 'private-key': pem });
    assert.ok(leafOf(outputs).checkPrivateKey(key), stdout);
  });

  test('is used when it is given as a path', async () => {
    const workspace = temporaryFolder('key');
    const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    writeFileSync(path.join(workspace, 'own.pem'), key.export({ type: 'pkcs1', format: 'pem' }));
    const { outputs, stdout } = await ca.run(
      { domains: 'own.example', 'private-key': 'own.pem' },
      { workspace },
    );
    assert.ok(leafOf(outputs).checkPrivateKey(key), stdout);
  });

  test('stays the same over renewals with reuse-key, and changes without', async () => {
    const workspace = temporaryFolder('key');
    const inputs = {
      domains: 'pin.example',
      store: 'store',
      'store-key': await generateIdentity(),
      force: 'true',
    };
    const keyOf = async (more: Record<string, string>): Promise<string> => {
      const { outputs } = await ca.run({ ...inputs, ...more }, { workspace });
      return leafOf(outputs).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    };
    const first = await keyOf({ 'reuse-key': 'true' });
    assert.equal(await keyOf({ 'reuse-key': 'true' }), first);
    assert.notEqual(await keyOf({}), first);
  });
});

describe('A certificate request of the user', { skip: skipUnless('openssl') }, () => {
  for (const form of ['PEM', 'DER']) {
    test(`gives the names and the key, as ${form}`, async () => {
      const workspace = temporaryFolder('csr');
      const key = path.join(workspace, 'csr.key');
      await run(requiredTool('openssl'), [
        ...['req', '-new', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-subj', '/CN=csr.example'],
        ...['-addext', 'subjectAltName=DNS:csr.example,DNS:*.csr.example'],
        ...['-outform', form, '-out', path.join(workspace, 'request')],
      ]);
      const { outputs, stdout, exitCode } = await ca.run({ csr: 'request' }, { workspace });
      assert.equal(exitCode, 0, stdout);
      assert.deepEqual(JSON.parse(outputs.domains ?? '').sort(), ['*.csr.example', 'csr.example']);
      assert.equal(outputs['private-key'], '');
      assert.ok(leafOf(outputs).checkPrivateKey(createPrivateKey(readFileSync(key))));
    });
  }

  test('that asks for an IP address is refused before anything is sent', async () => {
    const workspace = temporaryFolder('csr');
    await run(requiredTool('openssl'), [
      ...[
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        path.join(workspace, 'key'),
        '-subj',
        '/CN=x',
      ],
      ...['-addext', 'subjectAltName=IP:192.0.2.1', '-out', path.join(workspace, 'request')],
    ]);
    const requests = ca.proxy.count();
    const result = await ca.run({ csr: 'request' }, { workspace });
    assert.match(result.annotations[0]?.message ?? '', /csr: "request" .*ip 192\.0\.2\.1; only DNS names/);
    assert.equal(ca.proxy.count(), requests);
  });
});

describe('A profile', () => {
  test('is ordered by name', async () => {
    const { outputs, stdout } = await ca.run({ domains: 'short.example', profile: 'short' });
    const days =
      (Date.parse(outputs['not-after'] ?? '') - Date.parse(outputs['not-before'] ?? '')) / 86_400_000;
    assert.equal(Math.round(days), 6, stdout);
  });

  test('that the CA does not offer is told with those that it offers', async () => {
    const orders = ca.proxy.count('new-order');
    const result = await ca.run({ domains: 'short.example', profile: 'long' });
    assert.match(
      result.annotations.at(-1)?.message ?? '',
      /"long" is not offered by .*, which offers default, short\./,
    );
    assert.equal(ca.proxy.count('new-order'), orders);
  });
});

describe('A preferred chain', () => {
  test('is taken when the CA offers it', async () => {
    const root = new X509Certificate(await ca.pebble.issuingRoot(1));
    const name = /CN=(.*)/.exec(root.subject)?.[1] ?? '';
    const { outputs, stdout } = await ca.run({ domains: 'chain.example', 'preferred-chain': name });
    const chain = new X509Certificate(readFileSync(outputs.chain ?? ''));
    assert.equal(/CN=(.*)/.exec(chain.issuer)?.[1], name, stdout);
  });

  test('that is not offered is a warning with those that are', async () => {
    const result = await ca.run({ domains: 'chain.example', 'preferred-chain': 'No Such Root' });
    assert.equal(result.exitCode, 0);
    const warning = result.annotations.find(({ title }) => title === 'The preferred chain is not offered');
    assert.equal(warning?.message.match(/Pebble Root CA/g)?.length, 3);
  });

  test('that is the default costs no request', async () => {
    const root = new X509Certificate(await ca.pebble.issuingRoot(0));
    const name = /CN=(.*)/.exec(root.subject)?.[1] ?? '';
    const earlier = ca.proxy.count('certificate');
    await ca.run({ domains: 'chain.example', 'preferred-chain': name });
    assert.equal(ca.proxy.count('certificate'), earlier + 1);
  });
});

describe('A PKCS#12 file', { skip: skipUnless('openssl') }, () => {
  test('holds the certificate, its chain and its key', async () => {
    const { outputs } = await ca.run({ domains: 'pfx.example', 'pfx-password': 'open sesame' });
    const text = await run(requiredTool('openssl'), [
      ...['pkcs12', '-in', outputs.pfx ?? '', '-passin', 'pass:open sesame', '-nodes'],
    ]);
    assert.equal(text.match(/BEGIN CERTIFICATE/g)?.length, 2);
    assert.ok(
      leafOf(outputs).publicKey.equals(createPublicKey(text.slice(text.indexOf('-----BEGIN PRIVATE')))),
    );
  });
});

function leafOf(outputs: Readonly<Record<string, string>>): X509Certificate {
  return new X509Certificate(readFileSync(outputs.certificate ?? ''));
}
