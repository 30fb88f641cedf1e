import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { publicKeyDigest } from '../../../src/certificate/description.ts';
import { type CertificateSettings, readCertificateSettings } from '../../../src/settings/certificate.ts';
import { describeProblems, Problems } from '../../../src/settings/problem.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { makeRequest } from '../fixtures/request.ts';

const workspace = temporaryFolder('certificate-settings');

async function read(
  inputs: Record<string, string>,
): Promise<{ settings: CertificateSettings; faults: string[] }> {
  const problems = new Problems();
  const settings = await readCertificateSettings((name) => inputs[name] ?? '', workspace, problems);
  return { settings, faults: problems.found.map((problem) => describeProblems([problem])) };
}

async function accepted(inputs: Record<string, string>): Promise<CertificateSettings> {
  const { settings, faults } = await read(inputs);
  assert.deepEqual(faults, []);
  return settings;
}

const faultsOf = async (inputs: Record<string, string>): Promise<string[]> => (await read(inputs)).faults;

describe('what is ordered', () => {
  it('is a certificate for the names, with a new EC key, where nothing else is said', async () => {
    assert.deepEqual(await accepted({ domains: 'a.example' }), {
      domains: ['a.example'],
      key: { kind: 'new', keyType: 'ec256' },
      profile: undefined,
      preferredChain: undefined,
    });
  });

  it('has a profile and a preferred chain as the CA names them', async () => {
    const { profile, preferredChain } = await accepted({
      domains: 'a.example',
      profile: 'short',
      'preferred-chain': 'Root X1',
    });
    assert.deepEqual({ profile, preferredChain }, { profile: 'short', preferredChain: 'Root X1' });
  });

  it('has a new key of the type that is asked for', async () => {
    assert.deepEqual((await accepted({ domains: 'a.example', 'key-type': 'RSA4096' })).key, {
      kind: 'new',
      keyType: 'rsa4096',
    });
  });

  it('has no key of another type', async () => {
    assert.deepEqual(await faultsOf({ domains: 'a.example', 'key-type': 'ed25519' }), [
      'key-type: "ed25519" is not one of: ec256, ec384, rsa2048, rsa3072, rsa4096.',
    ]);
  });
});

describe('private-key', () => {
  const pem = makeKey();
  const publicKey = publicKeyDigest(createPublicKey(createPrivateKey(pem)));

  it('is the key that is ordered for', async () => {
    assert.deepEqual((await accepted({ domains: 'a.example', 'private-key': pem })).key, {
      kind: 'given',
      pem,
      publicKey,
    });
  });

  it('may be a file', async () => {
    writeFileSync(path.join(workspace, 'key.pem'), pem);
    assert.equal((await accepted({ domains: 'a.example', 'private-key': 'key.pem' })).key.kind, 'given');
  });

  it('that is none is told without showing it', async () => {
    assert.deepEqual(await faultsOf({ domains: 'a.example', 'private-key': '{"kty":"EC"}' }), [
      'private-key: "(not shown)" looks like JSON but is no private JWK (kty, and d with its companions).',
    ]);
  });

  it('contradicts reuse-key', async () => {
    const inputs = { domains: 'a.example', 'private-key': pem, 'reuse-key': 'true', store: 's' };
    assert.deepEqual(await faultsOf(inputs), [
      'private-key, reuse-key: contradict each other: each says where the key comes from; keep one.',
    ]);
  });
});

describe('reuse-key', () => {
  it('is the key of the store', async () => {
    assert.deepEqual((await accepted({ domains: 'a.example', 'reuse-key': 'true', store: 's' })).key, {
      kind: 'reuse',
      keyType: 'ec256',
    });
  });

  it('needs a store', async () => {
    assert.deepEqual(await faultsOf({ domains: 'a.example', 'reuse-key': 'true' }), [
      'reuse-key: "true" needs a store, whose key is used again.',
    ]);
  });
});

describe('csr', () => {
  it('gives the names, in their ASCII form, and the key', async () => {
    const der = await makeRequest('CN=ignored.example', [
      { type: 'dns', value: 'B.example' },
      { type: 'dns', value: '*.a.example' },
    ]);
    writeFileSync(path.join(workspace, 'site.csr'), der);
    const { domains, key } = await accepted({ csr: 'site.csr' });
    assert.deepEqual(domains, ['b.example', '*.a.example']);
    assert.deepEqual(key.kind === 'request' ? key.csr : undefined, der);
  });

  it('contradicts domains', async () => {
    writeFileSync(path.join(workspace, 'one.csr'), await makeRequest('CN=a.example'));
    assert.deepEqual(await faultsOf({ csr: 'one.csr', domains: 'a.example' }), [
      'domains: "a.example" contradicts csr, whose names are ordered; leave one of them out.',
    ]);
  });

  it('that is not there is told, and nothing about domains', async () => {
    assert.deepEqual(await faultsOf({ csr: 'none.csr' }), [
      'csr: "none.csr" is neither PEM text nor a file that exists.',
    ]);
  });

  it('that is no request is told', async () => {
    writeFileSync(path.join(workspace, 'text.csr'), 'hello');
    assert.match(
      (await faultsOf({ csr: 'text.csr' })).join('\n'),
      /^csr: "text\.csr" is no certificate request \(PKCS#10, PEM or DER\): .+$/,
    );
  });

  it('with a wrong name has that told as any other', async () => {
    writeFileSync(path.join(workspace, 'wrong.csr'), await makeRequest('CN=a..example'));
    assert.deepEqual(await faultsOf({ csr: 'wrong.csr' }), [
      'domains: "a..example" has an empty label; remove the extra dot.',
    ]);
  });
});
