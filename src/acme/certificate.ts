import { Failure } from '../failure.ts';
import type { AcmeSession } from './session.ts';

const pemCertificate = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * Downloads an issued certificate with its chain (RFC 8555 section 7.4.2).
 *
 * @returns PEM certificates, the certificate itself first, each with a final newline
 * @throws Failure when the answer holds no certificate
 */
export async function downloadCertificate(session: AcmeSession, url: string): Promise<string[]> {
  const { body } = await session.post<string>({ url }, 'The certificate');
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

/** The certificates of a PEM text, in order, each with a final newline. */
export function splitPem(text: string): string[] {
  return (text.match(pemCertificate) ?? []).map((pem) => `${pem.replaceAll('\r', '')}\n`);
}
