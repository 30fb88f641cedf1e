import { webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate that a test made, with its key. */
export interface MadeCertificate {
  certificatePem: string;
  /** PKCS#8. */
  keyPem: string;
  subject: string;
  keys: webcrypto.CryptoKeyPair;
}

export interface CertificateWish {
  /** The common name. */
  name: string;
  key?: 'ec256' | 'ec384' | 'rsa2048';
  /** Default: it signs itself. */
  issuer?: MadeCertificate;
  isAuthority?: boolean;
  dnsNames?: readonly string[];
  /** Days from now; negative: it has expired. */
  daysLeft?: number;
}

const algorithms = {
  ec256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  ec384: { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' },
  rsa2048: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    publicExponent: new Uint8Array([1, 0, 1]),
    modulusLength: 2048,
  },
} as const;

const dayInMs = 86_400_000;

/** Makes a certificate and its key. */
export async function makeCertificate(wish: CertificateWish): Promise<MadeCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithms[wish.key ?? 'ec256'], true, ['sign', 'verify']);
  const subject = `CN=${wish.name}`;
  const signer = wish.issuer ?? { keys, subject };
  const notAfter = Date.now() + (wish.daysLeft ?? 90) * dayInMs;
  const certificate = await X509CertificateGenerator.create({
    subject,
    issuer: signer.subject,
    notBefore: new Date(notAfter - 90 * dayInMs),
    notAfter: new Date(notAfter),
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    signingAlgorithm: { ...signer.keys.privateKey.algorithm, hash: 'SHA-256' },
    extensions: [
      new BasicConstraintsExtension(wish.isAuthority ?? false, undefined, true),
      new SubjectAlternativeNameExtension(
        (wish.dnsNames ?? [wish.name]).map((value) => ({ type: 'dns', value })),
      ),
    ],
  });
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    keyPem: await pkcs8(keys.privateKey),
    subject,
    keys,
  };
}

async function pkcs8(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = der.match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PRIVATE KEY-----', ...lines, '-----END PRIVATE KEY-----', ''].join('\n');
}
