import { createPrivateKey, createPublicKey } from 'node:crypto';
import { isUnknownAccount, jwkThumbprint, registerAccount } from '../acme/account.ts';
import type { AcmeSession } from '../acme/session.ts';
import { generateKey, keyToPem } from '../certificate/key.ts';
import type { AccountSettings } from '../settings/account.ts';
import type { Store } from '../store/store.ts';

/** The key that a run signs with. */
export interface AccountKey {
  /** PEM (PKCS#8). */
  pem: string;
  /** The account's URL where the store knows it; undefined: the CA is asked. */
  url: string | undefined;
  /** Whether the key is kept somewhere, so that the next run has it. */
  isKept: boolean;
}

/**
 * The account's key: the input's, else the store's, else a new one.
 *
 * @throws Failure when the store's account cannot be opened
 */
export async function findAccountKey(
  settings: AccountSettings,
  store: Store | undefined,
  directoryUrl: string,
): Promise<AccountKey> {
  const stored = await store?.account(directoryUrl);
  const pem = settings.key ?? stored?.keyPem;
  if (pem === undefined) {
    return { pem: keyToPem(await generateKey('ec256')), url: undefined, isKept: store !== undefined };
  }
  const isStored = stored !== undefined && stored.meta.thumbprint === thumbprintOf(pem);
  return { pem, url: isStored ? stored.meta.accountUrl : undefined, isKept: true };
}

/**
 * Has the CA know the account, and the store keep it. Where the store knows the account's URL nothing is sent.
 *
 * @throws AcmeProblem when the CA refuses; Failure when the account is not valid any more
 */
export async function useAccount(
  session: AcmeSession,
  key: AccountKey,
  settings: AccountSettings,
  store: Store | undefined,
): Promise<{ url: string; isNew: boolean }> {
  if (key.url !== undefined) {
    session.accountUrl = key.url;
    return { url: key.url, isNew: false };
  }
  const account = await registerAccount(session, {
    email: settings.email,
    hasBinding: settings.externalAccountBinding !== undefined,
  });
  await store?.keepAccount(
    { directoryUrl: session.directoryUrl, accountUrl: account.url, thumbprint: thumbprintOf(key.pem) },
    key.pem,
  );
  return account;
}

/**
 * Does work in the name of the account; when the CA has forgotten a stored one, it is registered again and the work is
 * done once more.
 */
export async function withKnownAccount<T>(
  session: AcmeSession,
  key: AccountKey,
  settings: AccountSettings,
  store: Store | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (key.url === undefined || !isUnknownAccount(error)) {
      throw error;
    }
    session.log.info(
      `The CA does not know the stored account ${key.url} any more; its key is registered anew.`,
    );
    await useAccount(session, { ...key, url: undefined }, settings, store);
    return await work();
  }
}

function thumbprintOf(pem: string): string {
  const jwk = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  return jwkThumbprint(jwk as Record<string, string>);
}
