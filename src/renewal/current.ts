import { readFileSync } from 'node:fs';
import { describeCertificate } from '../certificate/description.ts';
import { splitPem } from '../certificate/pem.ts';
import { codeOf, describeFailure, Failure, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import type { CurrentSource } from '../settings/renewal.ts';
import type { StoredCertificate } from '../store/stored-certificate.ts';
import { readServedCertificate } from '../tls/served-certificate.ts';
import type { CurrentCertificate } from './decision.ts';

/** How long a server may take to show its certificate, in milliseconds. */
const servedTimeout = 10_000;

/**
 * The certificate in use, from the first source that is there: the store, else the files and servers that were named. Of
 * several, the one that expires first counts. What cannot be read is told as a warning.
 */
export async function findCurrent(
  stored: StoredCertificate | undefined,
  sources: readonly CurrentSource[],
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<CurrentCertificate | undefined> {
  if (stored !== undefined) {
    return fromStore(stored);
  }
  const readings = await Promise.all(sources.map((source) => readSource(source, log, signal)));
  const found = readings
    .filter(({ description }) => description !== undefined)
    .sort((a, b) => expiry(a) - expiry(b));
  return found[0] ?? readings[0];
}

function fromStore({ description, meta, fault }: StoredCertificate): CurrentCertificate {
  return {
    source: 'the store',
    description,
    provenance:
      meta === undefined
        ? undefined
        : {
            directoryUrl: meta.directoryUrl,
            profile: meta.profile ?? undefined,
            revoked: meta.revoked !== null,
            renewalInfoUrl: meta.renewalInfoUrl ?? undefined,
          },
    fault: fault === undefined ? undefined : `the store's ${fault}`,
  };
}

async function readSource(source: CurrentSource, log: Log, signal: AbortSignal): Promise<CurrentCertificate> {
  const place = source.kind === 'file' ? source.file : source.written;
  const common = { source: place, provenance: undefined };
  try {
    const pem =
      source.kind === 'file'
        ? firstCertificate(readFileSync(source.file, 'latin1'))
        : await readServedCertificate(source.at, { timeout: servedTimeout, signal });
    return { ...common, description: describeCertificate(pem), fault: undefined };
  } catch (error) {
    signal.throwIfAborted();
    const reason = codeOf(error) === 'ENOENT' ? 'there is no such file.' : reasonOf(error);
    log.warning('The certificate in use cannot be read', `current-certificate: ${place}: ${reason}`);
    return { ...common, description: undefined, fault: 'the certificate in use cannot be read' };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Failure ? describeFailure(error) : `${messageOf(error)}.`;
}

function firstCertificate(text: string): string {
  const pem = splitPem(text)[0];
  if (pem === undefined) {
    throw new Error('it holds no PEM certificate');
  }
  return pem;
}

function expiry({ description }: CurrentCertificate): number {
  return description?.notAfter.getTime() ?? 0;
}
