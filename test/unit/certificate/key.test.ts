import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, it } from 'node:test';
import { generateKey, keyToPem, readPrivateKey } from '../../../src/certificate/key.ts';

const ec = (namedCurve: string): KeyObject => generateKeyPairSync('ec', { namedCurve }).privateKey;
const rsa2048 = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const pem = (key: KeyObject, type: 'pkcs8' | 'sec1' | 'pkcs1'): string =>
  key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' }).toString();
const jwk = (key: KeyObject): string => JSON.stringify(key.export({ format: 'jwk' }));

describe('a private key', () => {
  const p256 = ec('P-256');
  for (const [form, key, text] of [
    ['PKCS#8 with EC', p256, pem(p256, 'pkcs8')],
    ['SEC 1', p256, pem(p256, 'sec1')],
    ['a JWK with EC', p256, `\n ${jwk(p256)}`],
    ['PKCS#8 with RSA', rsa2048, pem(rsa2048, 'pkcs8')],
    ['PKCS#1', rsa2048, pem(rsa2048, 'pkcs1')],
    ['a JWK with RSA', rsa2048, jwk(rsa2048)],
    ['PEM with Windows line ends', p256, pem(p256, 'pkcs8').replaceAll('\n', '\r\n')],
    ['PEM with text around it', p256, `a comment\n${pem(p256, 'sec1')}\nmore`],
  ] as const) {
    it(`is read from ${form}`, () => {
      assert.equal(keyToPem(readPrivateKey(text)), keyToPem(key));
    });
  }

  for (const curve of ['P-384', 'P-521']) {
    it(`may be on ${curve}`, () => {
      assert.doesNotThrow(() => readPrivateKey(keyToPem(ec(curve))));
    });
  }
});

describe('a private key that is none', () => {
  const encrypted = (type: 'pkcs8' | 'sec1'): string =>
    ec('P-256')
      .export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' } as {
        type: 'pkcs8';
        format: 'pem';
      })
      .toString();
  const publicKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
  const cutOff = pem(ec('P-256'), 'pkcs8').slice(0, 100);

  for (const [kind, text, message] of [
    ['that is encrypted', encrypted('pkcs8'), 'is encrypted; give it without a passphrase, as a secret.'],
    [
      'that is encrypted in the old way',
      encrypted('sec1'),
      'is encrypted; give it without a passphrase, as a secret.',
    ],
    [
      'that is some text',
      'hunter2',
      'is no private key: neither PEM ("-----BEGIN … PRIVATE KEY-----") nor JWK.',
    ],
    [
      'that is a public key',
      publicKey.export({ type: 'spki', format: 'pem' }).toString(),
      'is no private key: neither PEM ("-----BEGIN … PRIVATE KEY-----") nor JWK.',
    ],
    [
      'that is cut off',
      cutOff,
      'starts like a PEM private key, but cannot be read; is it cut off, or are its line breaks lost?',
    ],
    [
      'that is JSON without a key',
      '{"a":1}',
      'looks like JSON but is no private JWK (kty, and d with its companions).',
    ],
    [
      'that is a public JWK',
      JSON.stringify(publicKey.export({ format: 'jwk' })),
      'looks like JSON but is no private JWK (kty, and d with its companions).',
    ],
    [
      'of a type that CAs do not take',
      keyToPem(generateKeyPairSync('ed25519').privateKey),
      'is a key of type ed25519; use EC or RSA.',
    ],
    [
      'on a curve that CAs do not take',
      keyToPem(ec('secp256k1')),
      'is a key on the curve secp256k1; use P-256, P-384 or P-521.',
    ],
    [
      'of RSA that is too short',
      keyToPem(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey),
      'is an RSA key of 1024 bits; CAs want at least 2048.',
    ],
  ] as const) {
    it(`${kind} is told, without any of it`, () => {
      assert.throws(() => readPrivateKey(text), { message });
    });
  }
});

describe('a new key', () => {
  for (const [type, details] of [
    ['ec256', { namedCurve: 'prime256v1' }],
    ['ec384', { namedCurve: 'secp384r1' }],
    ['rsa2048', { modulusLength: 2048, publicExponent: 65_537n }],
  ] as const) {
    it(`is of the type ${type}`, async () => {
      assert.deepEqual((await generateKey(type)).asymmetricKeyDetails, details);
    });
  }

  it('is another one each time', async () => {
    assert.notEqual(keyToPem(await generateKey('ec256')), keyToPem(await generateKey('ec256')));
  });
});
