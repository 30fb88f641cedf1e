import { readFileSync } from 'node:fs';
import path from 'node:path';
import { registerAccount } from './acme/account.ts';
import { revokeCertificate } from './acme/revocation.ts';
import { type CertificateDescription, describeCertificate } from './certificate/description.ts';
import { Failure } from './failure.ts';
import type { Log } from './log.ts';
import { findAccountKey } from './order/account.ts';
import type { RevocationSettings } from './settings/revocation.ts';
import { Store } from './store/store.ts';
import { type StoredCertificate, storedFiles } from './store/stored-certificate.ts';

/** What a revocation achieved. */
export interface Revocation {
  description: CertificateDescription;
  /** False when the certificate had been revoked before. */
  isNew: boolean;
}

/** How long a request to the CA may take, in milliseconds. */
const requestTimeout = 30_000;

/**
 * Revokes a certificate and notes it in the store, so that the next run orders anew.
 *
 * @throws Failure when it cannot be read or the CA refuses
 */
export async function revoke(
  settings: RevocationSettings,
  { log, cancelled }: { log: Log; cancelled: AbortSignal },
): Promise<Revocation> {
  const { authority, store: storeSettings, certificateKey } = settings;
  const store =
    storeSettings === undefined ? undefined : new Store(storeSettings.directory, storeSettings.sealing);
  const stored = settings.name === '' ? undefined : store?.certificate(settings.name);
  const certificate = settings.certificate ?? storedCertificate(stored, settings.name);
  const account =
    certificateKey === undefined ? await knownAccount(settings, store, authority.directoryUrl) : undefined;

  const { AcmeSession } = await import('./acme/session.ts');
  const accountKey = certificateKey ?? (account?.pem as string);
  const session = new AcmeSession({ ...authority, accountKey, requestTimeout, log, signal: cancelled });
  try {
    if (account !== undefined) {
      session.accountUrl = account.url ?? (await existingAccount(session));
    }
    const signer = account === undefined ? 'certificate key' : 'account';
    const isNew = await revokeCertificate(session, certificate, settings.reason, signer);
    const description = describeCertificate(certificate);
    if (stored?.description?.fingerprint === description.fingerprint) {
      store?.note(stored, { revoked: new Date().toISOString() });
    }
    return { description, isNew };
  } finally {
    session.close();
  }
}

async function existingAccount(session: Parameters<typeof registerAccount>[0]): Promise<string> {
  const { url } = await registerAccount(session, { email: undefined, hasBinding: false, mustExist: true });
  return url;
}

async function knownAccount(
  settings: RevocationSettings,
  store: Store | undefined,
  directoryUrl: string,
): Promise<{ pem: string; url: string | undefined }> {
  const key = await findAccountKey(
    { key: settings.accountKey, email: undefined, externalAccountBinding: undefined },
    store,
    directoryUrl,
  );
  if (settings.accountKey === undefined && key.url === undefined) {
    throw new Failure(
      'No account to revoke with',
      `The store has no account at ${directoryUrl} that this run can open.`,
      "Give account-key, or private-key, the certificate's own.",
    );
  }
  return key;
}

function storedCertificate(stored: StoredCertificate | undefined, name: string): string {
  if (stored === undefined) {
    throw new Failure(
      'No such certificate in the store',
      `The store has no certificate "${name}".`,
      'Check name: it is the folder under certificates/.',
    );
  }
  return readFileSync(path.join(stored.folder, storedFiles.certificate), 'utf8');
}
