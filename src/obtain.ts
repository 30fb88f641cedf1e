import { registerAccount } from './acme/account.ts';
import { type CertificateDescription, describeCertificate } from './certificate/description.ts';
import { CertificateFiles } from './certificate/files.ts';
import { generateKey, keyToPem } from './certificate/key.ts';
import type { Log } from './log.ts';
import { DnsSolver } from './order/dns-solver.ts';
import { issueCertificate } from './order/issue.ts';
import type { Settings } from './settings/settings.ts';
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

/** What a run has obtained. */
export interface ObtainedCertificate {
  description: CertificateDescription;
  files: CertificateFiles;
  /** Whether there are intermediate certificates, and so a chain file. */
  hasChain: boolean;
  accountUrl: string;
  /** Requests sent to the CA. */
  requests: number;
}

/** How long a request to the CA may take, in milliseconds. */
const requestTimeout = 30_000;

/**
 * Obtains a certificate: account, order, DNS records, validation, files, clean-up.
 *
 * @throws Failure of whatever stopped it; by then every record that could be is cleaned up
 */
export async function obtainCertificate(
  settings: Settings,
  surroundings: Surroundings,
): Promise<ObtainedCertificate> {
  const { log, timeline, mask, cancelled, urgent } = surroundings;
  const files = new CertificateFiles(settings.outputDirectory);
  const accountKey = settings.account.key ?? keyToPem(await generateKey('ec256'));
  mask(accountKey);
  files.stage('accountKey', accountKey);

  // Loaded only now: a wrong input is told before the HTTP and ASN.1 libraries are read.
  const { AcmeSession } = await import('./acme/session.ts');
  const { directoryUrl, roots } = settings.authority;
  const session = new AcmeSession({
    directoryUrl,
    roots,
    accountKey,
    requestTimeout,
    log,
    signal: cancelled,
  });
  const solver = new DnsSolver(settings.script, settings.propagation, { ...surroundings, signal: cancelled });
  try {
    const account = await timeline.measure('CA', 'Account', () => registerAccount(session, settings.account));
    files.commit();
    log.info(`${account.isNew ? 'New account' : 'Account'}: ${account.url}`);

    const chain = await issueCertificate(
      {
        domains: settings.domains,
        key: generateKey(settings.keyType),
        keepKey: (pem) => {
          mask(pem);
          files.stage('privateKey', pem);
        },
      },
      { session, solver, log, timeline, urgent },
    );
    writeChain(files, chain);
    await solver.cleanUp(urgent);
    return {
      description: describeCertificate(chain[0] as string),
      files,
      hasChain: chain.length > 1,
      accountUrl: account.url,
      requests: session.requests,
    };
  } finally {
    session.close();
    solver.close();
  }
}

function writeChain(files: CertificateFiles, [certificate = '', ...intermediates]: readonly string[]): void {
  files.stage('certificate', certificate);
  files.stage('fullchain', certificate + intermediates.join(''));
  if (intermediates.length > 0) {
    files.stage('chain', intermediates.join(''));
  } else {
    files.remove('chain');
  }
  files.commit();
}

/**
 * The terms of service that the CA wants agreed to.
 *
 * @throws Failure when the CA's directory cannot be read
 */
export async function readTermsOfService(
  settings: Pick<Settings, 'authority'>,
  { log, cancelled }: Pick<Surroundings, 'log' | 'cancelled'>,
): Promise<string | undefined> {
  const { AcmeSession } = await import('./acme/session.ts');
  const { directoryUrl, roots } = settings.authority;
  const session = new AcmeSession({
    directoryUrl,
    roots,
    accountKey: '',
    requestTimeout,
    log,
    signal: cancelled,
  });
  try {
    return (await session.directory()).meta?.termsOfService;
  } finally {
    session.close();
  }
}
