import path from 'node:path';
import type { SealingSettings } from '../store/sealing.ts';
import { parseSwitch } from './numbers.ts';
import type { Problems } from './problem.ts';

/** The folder that keeps state between runs. */
export interface StoreSettings {
  /** Absolute. */
  directory: string;
  /** Whether the folder is kept in GitHub's cache. */
  cache: boolean;
  sealing: SealingSettings;
}

const bech32 = '[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]';
const shortestPassphrase = 12;

/** The inputs `store`, `store-cache`, `store-key` and `store-recipients`. */
export function readStoreSettings(
  input: (name: string) => string,
  workspace: string,
  problems: Problems,
): StoreSettings | undefined {
  const cache = parseSwitch('store-cache', input('store-cache'), false, problems);
  const directory = input('store');
  const key = parseStoreKey(input('store-key'), problems);
  const recipients = parseRecipients(input('store-recipients'), problems);
  if (directory === '') {
    const useless = ['store-key', 'store-recipients'].filter((name) => input(name) !== '');
    for (const name of cache ? [...useless, 'store-cache'] : useless) {
      problems.add(name, '', 'is of no use without store: the folder to keep state in.');
    }
    return undefined;
  }
  if (input('store-key') === '' && recipients.length === 0) {
    problems.add(
      'store-key',
      '',
      'is missing: private keys are kept encrypted. Make one with age-keygen -o key.txt (its AGE-SECRET-KEY-1… line is the secret) or take a passphrase, as from openssl rand -base64 32; or give public keys in store-recipients.',
    );
  }
  if (key.passphrase !== undefined && recipients.length > 0) {
    problems.add(
      'store-recipients',
      recipients.join(' '),
      'cannot go with a passphrase in store-key: an age file has either a passphrase or public keys.',
    );
  }
  if (parseSwitch('reuse-key', input('reuse-key'), false, problems) && input('store-key') === '') {
    problems.add(
      'reuse-key',
      'true',
      'needs store-key: with store-recipients alone no key can be read back.',
    );
  }
  return { directory: path.resolve(workspace, directory), cache, sealing: { ...key, recipients } };
}

function parseStoreKey(text: string, problems: Problems): Pick<SealingSettings, 'identity' | 'passphrase'> {
  const none = { identity: undefined, passphrase: undefined };
  if (text === '') {
    return none;
  }
  // The file that age-keygen writes has comments around the identity.
  const identity = text.split(/\s+/).find((word) => /^AGE-SECRET-KEY-/i.test(word));
  if (identity !== undefined) {
    if (!new RegExp(`^AGE-SECRET-KEY-(?:PQ-)?1${bech32}{58,}$`, 'i').test(identity)) {
      problems.add('store-key', '(not shown)', 'starts like an age identity but is not complete.');
    }
    return { identity: identity.toUpperCase(), passphrase: undefined };
  }
  if (/^age1/i.test(text)) {
    problems.add(
      'store-key',
      text,
      'is a public key; it goes to store-recipients, and store-key is a secret.',
    );
    return none;
  }
  if (text.length < shortestPassphrase) {
    problems.add(
      'store-key',
      '(not shown)',
      `is a passphrase of ${text.length} characters; take at least ${shortestPassphrase}.`,
    );
  }
  return { identity: undefined, passphrase: text };
}

function parseRecipients(text: string, problems: Problems): string[] {
  const recipients = text.split(/[\s,]+/).filter((word) => word !== '');
  for (const recipient of recipients) {
    if (/^AGE-SECRET-KEY-/i.test(recipient)) {
      problems.add('store-recipients', '(not shown)', 'holds a secret key; give public keys (age1…) here.');
    } else if (!new RegExp(`^age1(?:pq1)?${bech32}{58,}$`, 'i').test(recipient)) {
      problems.add('store-recipients', recipient, 'is no age public key (age1…).');
    }
  }
  return recipients;
}
