import { X509Certificate } from 'node:crypto';
import { commonName } from '../certificate/description.ts';
import { splitPem } from '../certificate/pem.ts';
import { Failure } from '../failure.ts';
import type { AcmeAnswer, AcmeSession } from './session.ts';

/** A downloaded chain, and what else was on offer. */
export interface DownloadedChain {
  /** PEM certificates, the issued one first. */
  certificates: string[];
  /** The roots that the CA offers chains to, when the preferred one was not among them. */
  offeredRoots: string[] | undefined;
}

/**
 * Downloads an issued certificate with its chain (RFC 8555 section 7.4.2). Alternate chains are asked for only when one
 * is preferred and the default is another.
 *
 * @param preferredChain common name of the issuer that the chain should lead to
 * @throws Failure when the answer holds no certificate
 */
export async function downloadCertificate(
  session: AcmeSession,
  url: string,
  preferredChain: string | undefined,
): Promise<DownloadedChain> {
  const answer = await session.post<string>({ url }, 'The certificate');
  const certificates = chainOf(answer, url);
  if (preferredChain === undefined || leadsTo(certificates, preferredChain)) {
    return { certificates, offeredRoots: undefined };
  }
  const offeredRoots = [rootOf(certificates)];
  for (const alternate of answer.links.filter(({ relation }) => relation === 'alternate')) {
    const other = chainOf(
      await session.post<string>({ url: alternate.url }, 'An alternate chain'),
      alternate.url,
    );
    if (leadsTo(other, preferredChain)) {
      return { certificates: other, offeredRoots: undefined };
    }
    offeredRoots.push(rootOf(other));
  }
  return { certificates, offeredRoots };
}

function chainOf({ body }: AcmeAnswer<string>, url: string): string[] {
  const chain = splitPem(typeof body === 'string' ? body : '');
  if (chain.length === 0) {
    throw new Failure(
      'The CA gave no certificate',
      `${url} answered something else than a PEM certificate.`,
      'Run again; if it stays so, report it to the CA.',
    );
  }
  return chain;
}

function leadsTo(chain: readonly string[], issuer: string): boolean {
  return chain.some((pem) => issuerOf(pem) === issuer);
}

function rootOf(chain: readonly string[]): string {
  return issuerOf(chain.at(-1) as string);
}

function issuerOf(pem: string): string {
  return commonName(new X509Certificate(pem).issuer);
}
