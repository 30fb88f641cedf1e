import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Failure } from '../failure.ts';
import { markerFile, recoverFolder, replaceFolder } from './folder-swap.ts';
import type { Sealing } from './sealing.ts';
import { asJson, readRecord } from './version.ts';

/** What the store notes of an account. */
export interface AccountMeta {
  directoryUrl: string;
  accountUrl: string;
  /** RFC 7638 thumbprint of the account's key. */
  thumbprint: string;
}

/** An account of the store. */
export interface StoredAccount {
  folder: string;
  meta: AccountMeta;
}

const keyFile = 'account.pem.age';

/** The folder of the account at a CA: readable, and different for each directory. */
export function accountFolder(store: string, directoryUrl: string): string {
  const host = new URL(directoryUrl).host.replace(':', '_');
  const digest = createHash('sha256').update(directoryUrl).digest('hex').slice(0, 8);
  return path.join(store, 'accounts', `${host}-${digest}`);
}

/**
 * @returns undefined when the store has no account at that CA
 * @throws Failure when the note is damaged or from a newer version; the key beside it may still be of use
 */
export function readStoredAccount(folder: string): StoredAccount | undefined {
  recoverFolder(folder);
  if (!existsSync(folder)) {
    return undefined;
  }
  const { record, fault } = readRecord<AccountMeta>(path.join(folder, markerFile));
  const missingKey = existsSync(path.join(folder, keyFile)) ? undefined : `${keyFile} is missing`;
  if (record === undefined || missingKey !== undefined) {
    throw new Failure(
      "The store's account is damaged",
      `${folder}: ${fault ?? missingKey}.`,
      'Restore the folder from an earlier commit or cache, or remove it to begin with a new account.',
    );
  }
  return { folder, meta: record };
}

/** The account's private key, as PEM. */
export async function readAccountKey({ folder }: StoredAccount, sealing: Sealing): Promise<string> {
  const file = path.join(folder, keyFile);
  return await sealing.open(readFileSync(file, 'utf8'), file);
}

export async function writeStoredAccount(
  folder: string,
  meta: AccountMeta,
  keyPem: string,
  sealing: Sealing,
): Promise<void> {
  mkdirSync(path.dirname(folder), { recursive: true });
  replaceFolder(folder, { [keyFile]: await sealing.seal(keyPem), [markerFile]: asJson(meta) });
}
