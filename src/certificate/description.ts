import { X509Certificate } from 'node:crypto';

/** What a certificate says of itself. */
export interface CertificateDescription {
  /** The DNS names of the subject alternative name extension, in lower case. */
  domains: string[];
  notBefore: Date;
  notAfter: Date;
  /** Hexadecimal, upper case. */
  serial: string;
  /** SHA-256 of the DER, hexadecimal, lower case. */
  fingerprint: string;
  /** The issuer's common name, or its whole name where it has none. */
  issuer: string;
}

/** @throws Error when the text is no certificate */
export function describeCertificate(pem: string): CertificateDescription {
  const certificate = new X509Certificate(pem);
  const names = (certificate.subjectAltName ?? '').split(/,\s*/);
  return {
    domains: names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4).toLowerCase()),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
    serial: certificate.serialNumber,
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    issuer: /^CN=(.*)$/m.exec(certificate.issuer)?.[1] ?? certificate.issuer.replaceAll('\n', ', '),
  };
}
