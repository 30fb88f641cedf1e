import { createHash, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto';

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
  /** As the input `key-type` names it: `ec256`, `rsa2048`; else the algorithm's name. */
  keyType: string;
  /** SHA-256 of the public key (SPKI), hexadecimal. */
  publicKey: string;
  /** The identifier of RFC 9773 section 4.1; undefined when the certificate names no authority key. */
  renewalId: string | undefined;
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
    issuer: commonName(certificate.issuer),
    keyType: keyTypeOf(certificate.publicKey),
    publicKey: publicKeyDigest(certificate.publicKey),
    renewalId: renewalId(certificate),
  };
}

/** The common name of a distinguished name as Node prints it, or all of it on one line. */
export function commonName(distinguishedName: string): string {
  return /^CN=(.*)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replaceAll('\n', ', ');
}

/** SHA-256 of a public key (SPKI), hexadecimal; a private key counts for its public half. */
export function publicKeyDigest(key: KeyObject): string {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex');
}

function keyTypeOf(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  switch (key.asymmetricKeyType) {
    case 'ec':
      return { prime256v1: 'ec256', secp384r1: 'ec384' }[namedCurve ?? ''] ?? `EC ${namedCurve}`;
    case 'rsa':
      return `rsa${modulusLength}`;
    default:
      return key.asymmetricKeyType ?? 'unknown';
  }
}

/** base64url of the authority key identifier, a dot, base64url of the serial number (RFC 9773 section 4.1). */
function renewalId(certificate: X509Certificate): string | undefined {
  const authorityKey = authorityKeyIdentifier(certificate.raw);
  if (authorityKey === undefined) {
    return undefined;
  }
  const hex = certificate.serialNumber;
  const even = hex.length % 2 === 0 ? hex : `0${hex}`;
  // A DER integer whose first bit is set has a zero octet in front, which is part of the identifier.
  const serial = Buffer.from(Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even, 'hex');
  return `${authorityKey.toString('base64url')}.${serial.toString('base64url')}`;
}

/** The object identifier 2.5.29.35 in DER, with the OCTET STRING's tag that follows it. */
const authorityKeyExtension = Buffer.from('0603551d2304', 'hex');

/**
 * The keyIdentifier of the extension of that name (RFC 5280 section 4.2.1.1). Node does not hand it out, and a whole
 * ASN.1 library takes longer to load than the rest of a run in which nothing is due.
 */
function authorityKeyIdentifier(der: Buffer): Buffer | undefined {
  const found = der.indexOf(authorityKeyExtension);
  // OCTET STRING length, SEQUENCE tag and length, then [0] and the length of the identifier.
  const at = found + authorityKeyExtension.length + 3;
  const length = der[at + 1] ?? 0;
  if (found < 0 || der[at - 2] !== 0x30 || der[at] !== 0x80 || length === 0 || length > 64) {
    return undefined;
  }
  return der.subarray(at + 2, at + 2 + length);
}
