import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { AcmeSession } from './acme/session.ts';
import { type CertificateDescription, describeCertificate } from './certificate/description.ts';
import { CertificateFiles } from './certificate/files.ts';
import { generateKey } from './certificate/key.ts';
import type { Log } from './log.ts';
import { findAccountKey, useAccount, withKnownAccount } from './order/account.ts';
import { DnsSolver } from './order/dns-solver.ts';
import { type CertificateRequest, issueCertificate } from './order/issue.ts';
import type { Solver } from './order/solver.ts';
import type { ScriptSettings } from './settings/script.ts';
import type { Settings } from './settings/settings.ts';
import type { Store } from './store/store.ts';
import type { StoredCertificate } from './store/stored-certificate.ts';
import type { Timeline } from './timeline.ts';

/** What surrounds a run: the process and the runner, as plain values. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  journalFile: string;
  log: Log;
  timeline: Timeline;
  /** Masks a secret in the log. */
  mask: (secret: string) => void;
  /** Aborted when the run is cancelled. */
  cancelled: AbortSignal;
  /** Aborted when even the clean-up must end; the post step does the rest. */
  urgent: AbortSignal;
}

/** What was there before an order. */
export interface Previous {
  store: Store | undefined;
  stored: StoredCertificate | undefined;
  /** The renewal id of the certificate that is replaced (RFC 9773 section 5). */
  replaces: string | undefined;
}

/** What a run has obtained. */
export interface ObtainedCertificate {
  description: CertificateDescription;
  files: CertificateFiles;
  accountUrl: string;
  /** Requests sent to the CA. */
  requests: number;
  /** Why the certificate is not in the store although it was issued; its files are written. */
  storeFailure: unknown;
}

/** How long a request to the CA may take, in milliseconds. */
const requestTimeout = 30_000;

/**
 * Obtains a certificate: account, order, DNS records, validation, files, store, clean-up.
 *
 * @throws Failure of whatever stopped it; by then every record that could be is cleaned up
 */
export async function obtainCertificate(
  settings: Settings,
  previous: Previous,
  surroundings: Surroundings,
): Promise<ObtainedCertificate> {
  const { log, timeline, mask, cancelled, urgent } = surroundings;
  const { store } = previous;
  const { directoryUrl, roots } = settings.authority;
  const files = new CertificateFiles(settings.output.directory);
  const accountKey = await findAccountKey(settings.account, store, directoryUrl);
  mask(accountKey.pem);
  files.stage('accountKey', accountKey.pem);
  const key = await certificateKey(settings, previous);

  // Loaded only now: a wrong input is told before the HTTP and ASN.1 libraries are read.
  const { AcmeSession } = await import('./acme/session.ts');
  const session = new AcmeSession({
    directoryUrl,
    roots,
    accountKey: accountKey.pem,
    externalAccountBinding: settings.account.externalAccountBinding,
    requestTimeout,
    log,
    signal: cancelled,
  });
  const solver = await openSolver(settings, surroundings);
  try {
    const account = await timeline.measure('CA', 'Account', () =>
      useAccount(session, accountKey, settings.account, store),
    );
    files.commit();
    tellAccount(account, accountKey.isKept, log);
    let privateKey: string | undefined;
    const chain = await withKnownAccount(session, accountKey, settings.account, store, () =>
      issueCertificate(
        {
          ...settings.certificate,
          replaces: previous.replaces,
          key,
          keepKey: (pem) => {
            mask(pem);
            files.stage('privateKey', pem);
            privateKey = pem;
          },
        },
        { session, solver, log, timeline, urgent },
      ),
    );
    await writeFiles(files, settings, chain, privateKey);
    const storeFailure = await keepInStore(settings, previous, session, { chain, privateKey });
    const accountUrl = session.accountUrl ?? account.url;
    return {
      description: describeCertificate(chain[0] as string),
      files,
      accountUrl,
      requests: session.requests,
      storeFailure,
    };
  } finally {
    await solver.cleanUp(urgent);
    session.close();
    solver.close();
  }
}

/** @returns what went wrong: an issued certificate must be reported all the same */
async function keepInStore(
  { name, authority, certificate }: Settings,
  { store, stored }: Previous,
  session: AcmeSession,
  issued: { chain: readonly string[]; privateKey: string | undefined },
): Promise<unknown> {
  try {
    const meta = {
      directoryUrl: authority.directoryUrl,
      profile: certificate.profile ?? null,
      renewalInfoUrl: (await session.directory()).renewalInfo ?? null,
      revoked: null,
      deployed: false,
    };
    await store?.keepCertificate(name, { ...issued, meta }, stored);
    return undefined;
  } catch (error) {
    return error;
  }
}

async function openSolver(settings: Settings, surroundings: Surroundings): Promise<Solver> {
  const { script, propagation, challenge } = settings;
  const solverSurroundings = { ...surroundings, signal: surroundings.cancelled };
  if (challenge === 'dns-persist-01') {
    const { PersistSolver } = await import('./order/persist-solver.ts');
    return new PersistSolver(script, propagation, solverSurroundings);
  }
  return new DnsSolver(script as ScriptSettings, propagation, solverSurroundings);
}

/** The key to order with; a new one is made while the CA and the script work. */
async function certificateKey(
  { certificate: { key } }: Settings,
  { store, stored }: Previous,
): Promise<CertificateRequest['key']> {
  switch (key.kind) {
    case 'request':
      return { csr: key.csr };
    case 'given':
      return { privateKey: Promise.resolve(createPrivateKey(key.pem)) };
    case 'reuse': {
      const reused = await reusedKey(store, stored);
      return { privateKey: reused === undefined ? generateKey(key.keyType) : Promise.resolve(reused) };
    }
    case 'new':
      return { privateKey: generateKey(key.keyType) };
  }
}

async function reusedKey(
  store: Store | undefined,
  stored: StoredCertificate | undefined,
): Promise<KeyObject | undefined> {
  const pem = stored === undefined ? undefined : await store?.privateKey(stored);
  return pem === undefined ? undefined : createPrivateKey(pem);
}

async function writeFiles(
  files: CertificateFiles,
  settings: Settings,
  chain: readonly string[],
  privateKey: string | undefined,
): Promise<void> {
  files.stageChain(chain);
  const { pfxPassword } = settings.output;
  if (pfxPassword !== undefined && privateKey !== undefined) {
    const { createPfx } = await import('./certificate/pfx.ts');
    files.stage(
      'pfx',
      createPfx({
        keyPem: privateKey,
        certificates: chain,
        password: pfxPassword,
        friendlyName: settings.name,
      }),
    );
  }
  files.commit();
}

function tellAccount({ url, isNew }: { url: string; isNew: boolean }, isKept: boolean, log: Log): void {
  log.info(`${isNew ? 'New account' : 'Account'}: ${url}`);
  if (isNew && !isKept) {
    log.warning(
      'Each run makes a new account',
      'CAs limit how many accounts one address may make, and hosted runners share their addresses. Keep the file of the output account-key as a secret and give it as account-key, or use a store.',
    );
  }
}
