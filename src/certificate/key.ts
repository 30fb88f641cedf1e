import { createPrivateKey, generateKeyPair, type JsonWebKey, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

export const keyTypes = ['ec256', 'ec384', 'rsa2048', 'rsa3072', 'rsa4096'] as const;
export type KeyType = (typeof keyTypes)[number];

const generate = promisify(generateKeyPair);

/** Makes a private key off the main thread. */
export async function generateKey(type: KeyType): Promise<KeyObject> {
  const pair = type.startsWith('ec')
    ? await generate('ec', { namedCurve: type === 'ec384' ? 'P-384' : 'P-256' })
    : await generate('rsa', { modulusLength: Number(type.slice('rsa'.length)) });
  return pair.privateKey;
}

/** A private key as PEM (PKCS#8), the one form that every library here reads. */
export function keyToPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

/**
 * Reads a private key that ACME can sign with: PEM (PKCS#8, SEC 1, PKCS#1) or a JWK, as lego, acme.sh and certbot keep it.
 *
 * @throws Error with what is wrong, in words that continue a sentence and without any of the key
 */
export function readPrivateKey(text: string): KeyObject {
  const key = text.trimStart().startsWith('{') ? keyFromJwk(text) : keyFromPem(text);
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      if (!['prime256v1', 'secp384r1', 'secp521r1'].includes(namedCurve ?? '')) {
        throw new Error(`is a key on the curve ${namedCurve}; use P-256, P-384 or P-521.`);
      }
      return key;
    case 'rsa':
      if ((modulusLength ?? 0) < 2048) {
        throw new Error(`is an RSA key of ${modulusLength} bits; CAs want at least 2048.`);
      }
      return key;
    default:
      throw new Error(`is a key of type ${key.asymmetricKeyType}; use EC or RSA.`);
  }
}

function keyFromJwk(text: string): KeyObject {
  try {
    return createPrivateKey({ key: JSON.parse(text) as JsonWebKey, format: 'jwk' });
  } catch {
    throw new Error('looks like JSON but is no private JWK (kty, and d with its companions).');
  }
}

function keyFromPem(text: string): KeyObject {
  if (/ENCRYPTED/.test(text)) {
    throw new Error('is encrypted; give it without a passphrase, as a secret.');
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    throw new Error('is no private key: neither PEM ("-----BEGIN … PRIVATE KEY-----") nor JWK.');
  }
  try {
    return createPrivateKey(text);
  } catch {
    throw new Error(
      'starts like a PEM private key, but cannot be read; is it cut off, or are its line breaks lost?',
    );
  }
}
