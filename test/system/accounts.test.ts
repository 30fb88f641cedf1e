import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';

describe('An account key', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  for (const [form, key, text] of [
    ['PKCS#8, as openssl writes it', ec, ec.export({ type: 'pkcs8', format: 'pem' })],
    ['SEC 1, as lego writes it', ec, ec.export({ type: 'sec1', format: 'pem' })],
    ['PKCS#1, as acme.sh writes it', rsa, rsa.export({ type: 'pkcs1', format: 'pem' })],
    ['JWK, as certbot writes it', rsa, JSON.stringify(rsa.export({ format: 'jwk' }))],
  ] as const) {
    test(`in the form ${form} is the same account each time`, async () => {
      const inputs = { domains: 'account.example', 'account-key': String(text) };
      const first = await ca.run(inputs);
      const second = await ca.run(inputs);
      assert.equal(first.exitCode, 0, first.stdout);
      assert.equal(second.outputs['account-url'], first.outputs['account-url']);
      const written = createPrivateKey(readFileSync(first.outputs['account-key'] ?? ''));
      assert.ok(written.equals(key));
    });
  }

  test('that is made anew in each run is warned about', async () => {
    const result = await ca.run({ domains: 'account.example' });
    const warning = result.annotations.find(({ title }) => title === 'Each run makes a new account');
    assert.match(warning?.message ?? '', /hosted runners share their addresses/);
  });

  test('that the CA has deactivated is told as such', async () => {
    const workspace = temporaryFolder('account');
    const inputs = {
      domains: 'account.example',
      'account-key': String(ec.export({ type: 'pkcs8', format: 'pem' })),
    };
    const { outputs } = await ca.run(inputs, { workspace });
    await deactivate(ca, outputs['account-url'] ?? '', inputs['account-key']);
    const result = await ca.run(inputs, { workspace });
    assert.equal(result.exitCode, 1);
    assert.match(result.annotations.at(-1)?.message ?? '', /deactivated/);
  });

  test('of a store is registered again at a CA that has forgotten it', async () => {
    const workspace = temporaryFolder('account');
    const inputs = { domains: 'account.example', store: 'store', 'store-key': await generateIdentity() };
    await ca.run(inputs, { workspace });
    const accounts = path.join(workspace, 'store', 'accounts');
    const meta = path.join(accounts, readdirSync(accounts)[0] as string, 'meta.json');
    writeFileSync(meta, readFileSync(meta, 'utf8').replace(/my-account\/\w+/, 'my-account/0123456789abcdef'));
    const result = await ca.run({ ...inputs, force: 'true' }, { workspace });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    assert.match(result.stdout, /does not know the stored account/);
    assert.doesNotMatch(readFileSync(meta, 'utf8'), /0123456789abcdef/);
  });
});

describe('An external account binding', () => {
  const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority({
      config: { externalAccountBindingRequired: true, externalAccountMACKeys: { 'kid-1': hmacKey } },
    });
  });
  after(() => ca.stop());

  test('is sent with a new account', async () => {
    const result = await ca.run({ domains: 'eab.example', 'eab-kid': 'kid-1', 'eab-hmac-key': hmacKey });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
  });

  test('that is missing is told before the order', async () => {
    const orders = ca.proxy.count('new-order');
    const result = await ca.run({ domains: 'eab.example' });
    assert.equal(result.annotations.at(-1)?.title, 'This CA needs an external account binding');
    assert.equal(ca.proxy.count('new-order'), orders);
  });

  test('is not needed for an account that the CA knows', async () => {
    const first = await ca.run({ domains: 'eab.example', 'eab-kid': 'kid-1', 'eab-hmac-key': hmacKey });
    const key = readFileSync(first.outputs['account-key'] ?? '', 'utf8');
    const result = await ca.run({ domains: 'eab.example', 'account-key': key });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
  });

  test('with a wrong key is refused with what the CA says', async () => {
    const wrong = hmacKey.replace('zWND', 'AAAA');
    const result = await ca.run({ domains: 'eab.example', 'eab-kid': 'kid-1', 'eab-hmac-key': wrong });
    assert.equal(result.exitCode, 1);
    assert.match(
      result.annotations.at(-1)?.message ?? '',
      /The account: the CA answered HTTP 403, unauthorized/,
    );
    assert.doesNotMatch(result.stdout.replaceAll(/^::add-mask::.*$/gm, ''), new RegExp(wrong));
  });
});

describe('A certificate', () => {
  test('is for the account that ordered it: its key is not the account key', async () => {
    const ca = await startInstantAuthority();
    try {
      const { outputs } = await ca.run({ domains: 'key.example' });
      const leaf = new X509Certificate(readFileSync(outputs.certificate ?? ''));
      assert.ok(!leaf.checkPrivateKey(createPrivateKey(readFileSync(outputs['account-key'] ?? ''))));
    } finally {
      await ca.stop();
    }
  });
});

/** Has the CA deactivate an account (RFC 8555 section 7.3.6). */
async function deactivate(ca: InstantAuthority, accountUrl: string, accountKey: string): Promise<void> {
  const { AcmeSession } = await import('../../src/acme/session.ts');
  const session = new AcmeSession({
    directoryUrl: ca.proxy.directoryUrl,
    roots: [readFileSync(ca.proxy.rootCertificate, 'utf8')],
    accountKey,
    requestTimeout: 5000,
    log: { debug() {}, info() {}, scriptLine() {}, notice() {}, warning() {} },
    signal: new AbortController().signal,
  });
  session.accountUrl = accountUrl;
  await session.post({ url: accountUrl }, 'The deactivation', { status: 'deactivated' });
  session.close();
}
