import { keyToPem, readPrivateKey } from '../certificate/key.ts';
import { messageOf } from '../failure.ts';
import type { Problems } from './problem.ts';

export interface AccountSettings {
  email: string | undefined;
  /** PEM (PKCS#8); undefined: the store's, else a new key. */
  key: string | undefined;
  /** RFC 8555 section 7.3.4; the key is base64url. */
  externalAccountBinding: { kid: string; hmacKey: string } | undefined;
}

/** The inputs `email`, `account-key`, `eab-kid` and `eab-hmac-key`. */
export function readAccountSettings(input: (name: string) => string, problems: Problems): AccountSettings {
  return {
    email: parseEmail(input('email'), problems),
    key: parseKey('account-key', input('account-key'), problems),
    externalAccountBinding: parseBinding(input('eab-kid'), input('eab-hmac-key'), problems),
  };
}

/** A private key as PEM (PKCS#8), from any form; what is wrong with it is told without showing it. */
export function parseKey(input: string, text: string, problems: Problems): string | undefined {
  if (text === '') {
    return undefined;
  }
  try {
    return keyToPem(readPrivateKey(text));
  } catch (error) {
    problems.add(input, '(not shown)', messageOf(error));
    return undefined;
  }
}

function parseEmail(text: string, problems: Problems): string | undefined {
  if (text === '') {
    return undefined;
  }
  const email = text.replace(/^mailto:/i, '');
  if (!/^[^\s@,?]+@[^\s@,?]+$/.test(email)) {
    problems.add('email', text, 'is not one e-mail address; write name@example.com, or leave it out.');
  }
  return email;
}

function parseBinding(
  kid: string,
  hmacKey: string,
  problems: Problems,
): AccountSettings['externalAccountBinding'] {
  if (kid === '' && hmacKey === '') {
    return undefined;
  }
  if (kid === '' || hmacKey === '') {
    const missing = kid === '' ? 'eab-kid' : 'eab-hmac-key';
    problems.add(missing, '', 'is missing: the CA gives the key id and the HMAC key together.');
    return undefined;
  }
  const key = hmacKey.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  if (!/^[A-Za-z0-9_-]{16,}$/.test(key)) {
    problems.add('eab-hmac-key', '(not shown)', 'is not base64url, as CAs hand it out.');
  }
  return { kid, hmacKey: key };
}
