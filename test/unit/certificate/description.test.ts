import assert from 'node:assert/strict';
import { createHash, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { commonName, describeCertificate, publicKeyDigest } from '../../../src/certificate/description.ts';
import { splitPem } from '../../../src/certificate/pem.ts';
import { makeCertificate } from '../fixtures/certificate.ts';

/** The certificate of RFC 9773's appendix A, whose renewal id is given in its section 4.1. */
const rfc9773 = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----
`;

describe('the description of a certificate', () => {
  it('has its names, in lower case, and no addresses', async () => {
    const { pem } = await makeCertificate({ names: ['A.Example', '*.a.example', '192.0.2.1'] });
    assert.deepEqual(describeCertificate(pem).domains, ['a.example', '*.a.example']);
  });

  it('has its validity, serial number, fingerprint and issuer', async () => {
    const notBefore = new Date('2026-11-23T08:00:00Z');
    const notAfter = new Date('2027-02-21T08:00:00Z');
    const { pem } = await makeCertificate({
      notBefore,
      notAfter,
      serial: '0a1b',
      issuer: 'C=XX, CN=Test CA',
    });
    const described = describeCertificate(pem);
    assert.deepEqual(
      {
        notBefore: described.notBefore,
        notAfter: described.notAfter,
        serial: described.serial,
        fingerprint: described.fingerprint,
        issuer: described.issuer,
      },
      {
        notBefore,
        notAfter,
        serial: '0A1B',
        fingerprint: createHash('sha256').update(new X509Certificate(pem).raw).digest('hex'),
        issuer: 'Test CA',
      },
    );
  });

  for (const keyType of ['ec256', 'ec384', 'rsa2048'] as const) {
    it(`has the key type ${keyType}`, async () => {
      const { pem } = await makeCertificate({ keyType });
      assert.equal(describeCertificate(pem).keyType, keyType);
    });
  }

  it('has the name of the algorithm where no key type has one', async () => {
    const { pem } = await makeCertificate({ keyType: 'ed25519' });
    assert.equal(describeCertificate(pem).keyType, 'ed25519');
  });

  it('has the digest of its public key, which is that of its private key', async () => {
    const { pem, keyPem } = await makeCertificate();
    assert.equal(
      describeCertificate(pem).publicKey,
      publicKeyDigest(createPublicKey(createPrivateKey(keyPem))),
    );
  });

  it('is an error of a text that is no certificate', () => {
    assert.throws(() => describeCertificate('no certificate'));
  });
});

describe('the renewal id', () => {
  it('is that of the example in RFC 9773', () => {
    assert.equal(describeCertificate(rfc9773).renewalId, 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE');
  });

  it('has a zero octet in front of a serial number whose first bit is set', async () => {
    const { pem } = await makeCertificate({ serial: '00ff01', authorityKey: '0102' });
    assert.equal(
      describeCertificate(pem).renewalId,
      `${Buffer.from('0102', 'hex').toString('base64url')}.${Buffer.from('00ff01', 'hex').toString('base64url')}`,
    );
  });

  it('has no zero octet in front of another serial number', async () => {
    const { pem } = await makeCertificate({ serial: '7f01', authorityKey: '0102' });
    assert.equal(
      describeCertificate(pem).renewalId?.split('.')[1],
      Buffer.from('7f01', 'hex').toString('base64url'),
    );
  });

  it('is none when the certificate names no authority key', async () => {
    assert.equal(describeCertificate((await makeCertificate()).pem).renewalId, undefined);
  });
});

describe('the common name', () => {
  it('is that of the distinguished name', () => {
    assert.equal(commonName('C=US\nO=Org\nCN=R 3\nOU=x'), 'R 3');
  });

  it('is the whole name on one line where there is none', () => {
    assert.equal(commonName('C=US\nO=Org'), 'C=US, O=Org');
  });
});

describe('the certificates of a PEM text', () => {
  const pem = (body: string): string => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;

  it('are cut apart, without what stands between them', () => {
    assert.deepEqual(splitPem(`# a\n${pem('AA')}# b\n\n${pem('BB').trim()}`), [pem('AA'), pem('BB')]);
  });

  it('have plain line ends', () => {
    assert.deepEqual(splitPem(pem('AA').replaceAll('\n', '\r\n')), [pem('AA')]);
  });

  it('are none in any other text', () => {
    assert.deepEqual(splitPem('-----BEGIN CERTIFICATE-----\nAA'), []);
  });
});
