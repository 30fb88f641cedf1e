import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { createCsr } from '../../../src/certificate/csr.ts';
import { publicKeyDigest } from '../../../src/certificate/description.ts';
import { generateKey, keyToPem } from '../../../src/certificate/key.ts';
import { parseRequest } from '../../../src/certificate/request.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { makeRequest } from '../fixtures/request.ts';

describe('a certificate request', () => {
  it('is for the names in their order, and for the key', async () => {
    const keyPem = makeKey();
    const request = parseRequest(await createCsr(['*.a.example', 'a.example'], keyPem));
    assert.deepEqual(request.names, ['*.a.example', 'a.example']);
    assert.equal(request.publicKey, publicKeyDigest(createPublicKey(createPrivateKey(keyPem))));
  });

  for (const type of ['ec384', 'rsa2048'] as const) {
    it(`may be for a key of the type ${type}`, async () => {
      const keyPem = keyToPem(await generateKey(type));
      assert.deepEqual(parseRequest(await createCsr(['a.example'], keyPem)).names, ['a.example']);
    });
  }

  it('leaves the list of names as it is', async () => {
    const domains = ['b.example', 'a.example'];
    await createCsr(domains, makeKey());
    assert.deepEqual(domains, ['b.example', 'a.example']);
  });
});

describe('a request of the user’s own', () => {
  it('is the same from PEM and from DER', async () => {
    const der = await createCsr(['a.example'], makeKey());
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    assert.deepEqual(parseRequest(Buffer.from(pem)), parseRequest(der));
    assert.deepEqual(parseRequest(der).der, der);
  });

  it('has its common name for a name where it has no alternative names', async () => {
    assert.deepEqual(parseRequest(await makeRequest('CN=a.example')).names, ['a.example']);
  });

  it('for something else than DNS names is told', async () => {
    const request = await makeRequest('CN=a.example', [
      { type: 'dns', value: 'a.example' },
      { type: 'email', value: 'x@a.example' },
    ]);
    assert.throws(() => parseRequest(request), {
      message: 'it asks for email x@a.example; only DNS names can be proved.',
    });
  });

  it('that is none is an error', () => {
    assert.throws(() => parseRequest(Buffer.from('no request')));
  });
});
