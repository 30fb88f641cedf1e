import { createHash } from 'node:crypto';
import { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';

const subjectAlternativeName = '2.5.29.17';

/** What a certificate request asks for. */
export interface RequestDescription {
  der: Buffer;
  /** The DNS names of the subject alternative name extension; without one, the common name. */
  names: string[];
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  publicKey: string;
}

/**
 * Reads a PKCS#10 request, PEM or DER.
 *
 * @throws Error when it is none, or names something else than DNS names
 */
export function parseRequest(octets: Buffer): RequestDescription {
  const isPem = octets.includes('-----BEGIN');
  const request = new Pkcs10CertificateRequest(isPem ? octets.toString('latin1') : octets);
  const extension = request.getExtension(subjectAlternativeName);
  const alternative = extension instanceof SubjectAlternativeNameExtension ? extension : undefined;
  const others = alternative?.names.items.filter(({ type }) => type !== 'dns') ?? [];
  if (others.length > 0) {
    throw new Error(
      `it asks for ${others.map(({ type, value }) => `${type} ${value}`).join(', ')}; only DNS names can be proved.`,
    );
  }
  const names = alternative?.names.items.map(({ value }) => value) ?? request.subjectName.getField('CN');
  return {
    der: Buffer.from(request.rawData),
    names,
    publicKey: createHash('sha256').update(Buffer.from(request.publicKey.rawData)).digest('hex'),
  };
}
