import {
  createCipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  pbkdf2Sync,
  randomBytes,
  X509Certificate,
} from 'node:crypto';
import * as der from './der.ts';

/** What goes into a PKCS#12 file. */
export interface PfxContent {
  /** PKCS#8, EC or RSA. */
  keyPem: string;
  /** PEM, the key's own certificate first. */
  certificates: readonly string[];
  /**
   * Not empty. Any character is written as RFC 7292 wants it and read so by openssl, Node and Windows; Java's keytool takes
   * ASCII only.
   */
  password: string;
  /** The name that key and certificate are shown under; keytool's alias. */
  friendlyName: string;
}

const oid = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  pbes2: '1.2.840.113549.1.5.13',
  pbkdf2: '1.2.840.113549.1.5.12',
  hmacWithSha256: '1.2.840.113549.2.9',
  aes256Cbc: '2.16.840.1.101.3.4.1.42',
  sha256: '2.16.840.1.101.3.4.2.1',
} as const;

/**
 * Rounds of each key derivation, as Java's keytool has them. More would not help: a password is guessed fastest through
 * the MAC, and its derivation is the cheapest of the three.
 */
const iterations = 10_000;
/** Octets. */
const saltSize = 16;
/** SHA-256's block (`v` in RFC 7292 appendix B.2), in octets. */
const blockSize = 64;

/**
 * A PKCS#12 file (RFC 7292) in the form that OpenSSL 3 writes: the certificates, then the key, each encrypted by PBES2
 * with AES-256-CBC and PBKDF2 over HMAC-SHA-256, and a MAC by HMAC-SHA-256 over both. Windows reads these from Windows 10
 * 1709 and Server 2019 on, Java from 8u301.
 *
 * node:crypto could encrypt the key itself, but offers no choice of the rounds (2048), and nothing for certificates.
 *
 * @throws Error when a PEM text cannot be read
 */
export function createPfx({ keyPem, certificates, password, friendlyName }: PfxContent): Buffer {
  const [leaf, ...chain] = certificates.map((pem) => new X509Certificate(pem).raw);
  if (leaf === undefined) {
    throw new Error('A PKCS#12 file needs the certificate of its key.');
  }
  const key = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' });
  // Readers find the certificate of a key by an equal localKeyID, whatever it is.
  const attributes = der.setOf(
    attribute(oid.friendlyName, der.bmpString(friendlyName)),
    attribute(oid.localKeyId, der.octetString(createHash('sha256').update(leaf).digest())),
  );
  const certificateBags = der.sequence(
    certificateBag(leaf, attributes),
    ...chain.map((certificate) => certificateBag(certificate)),
  );
  const keyBags = der.sequence(bag(oid.shroudedKeyBag, encryptedKey(key, password), attributes));
  const content = der.sequence(encryptedDataContent(certificateBags, password), dataContent(keyBags));
  return der.sequence(der.integer(3), dataContent(content), macData(content, password));
}

/** SafeBag (RFC 7292 section 4.2). */
function bag(type: string, value: Buffer, ...attributes: readonly Buffer[]): Buffer {
  return der.sequence(der.objectIdentifier(type), der.contextConstructed(0, value), ...attributes);
}

/** RFC 7292 section 4.2.3. */
function certificateBag(certificate: Buffer, ...attributes: readonly Buffer[]): Buffer {
  const value = der.sequence(
    der.objectIdentifier(oid.x509Certificate),
    der.contextConstructed(0, der.octetString(certificate)),
  );
  return bag(oid.certificateBag, value, ...attributes);
}

function attribute(type: string, value: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), der.setOf(value));
}

/** ContentInfo of type data (RFC 2315 section 8). */
function dataContent(content: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(oid.data), der.contextConstructed(0, der.octetString(content)));
}

/** ContentInfo of type encryptedData (RFC 2315 section 13). */
function encryptedDataContent(content: Buffer, password: string): Buffer {
  const { algorithm, encrypted } = encrypt(content, password);
  const info = der.sequence(der.objectIdentifier(oid.data), algorithm, der.contextPrimitive(0, encrypted));
  return der.sequence(
    der.objectIdentifier(oid.encryptedData),
    der.contextConstructed(0, der.sequence(der.integer(0), info)),
  );
}

/** EncryptedPrivateKeyInfo (RFC 5958 section 3). */
function encryptedKey(key: Buffer, password: string): Buffer {
  const { algorithm, encrypted } = encrypt(key, password);
  return der.sequence(algorithm, der.octetString(encrypted));
}

/** PBES2 (RFC 8018 section 6.2). Its password is UTF-8, unlike the MAC's. */
function encrypt(content: Buffer, password: string): { algorithm: Buffer; encrypted: Buffer } {
  const salt = randomBytes(saltSize);
  const vector = randomBytes(16);
  const key = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, vector);
  const derivation = der.sequence(
    der.octetString(salt),
    der.integer(iterations),
    algorithmIdentifier(oid.hmacWithSha256, der.nullValue()),
  );
  const parameters = der.sequence(
    algorithmIdentifier(oid.pbkdf2, derivation),
    algorithmIdentifier(oid.aes256Cbc, der.octetString(vector)),
  );
  return {
    algorithm: algorithmIdentifier(oid.pbes2, parameters),
    encrypted: Buffer.concat([cipher.update(content), cipher.final()]),
  };
}

/** MacData (RFC 7292 section 4). */
function macData(content: Buffer, password: string): Buffer {
  const salt = randomBytes(saltSize);
  const mac = createHmac('sha256', macKey(password, salt)).update(content).digest();
  const digestInfo = der.sequence(algorithmIdentifier(oid.sha256, der.nullValue()), der.octetString(mac));
  return der.sequence(digestInfo, der.octetString(salt), der.integer(iterations));
}

function algorithmIdentifier(type: string, parameters: Buffer): Buffer {
  return der.sequence(der.objectIdentifier(type), parameters);
}

/**
 * The key of the MAC (RFC 7292 appendix B.2, ID 3), for SHA-256. A digest is as long as the key that is wanted, so one
 * turn of the outer loop is all.
 */
function macKey(password: string, salt: Buffer): Buffer {
  // Appendix B.1: UTF-16, the high octet first, with two octets of zero at the end.
  const passwordOctets = der.utf16(`${password}\0`);
  const diversifier = Buffer.alloc(blockSize, 3);
  let digest = Buffer.concat([diversifier, repeated(salt), repeated(passwordOctets)]);
  for (let round = 0; round < iterations; round += 1) {
    digest = createHash('sha256').update(digest).digest();
  }
  return digest;
}

/** The octets over and over, up to the next whole number of blocks. */
function repeated(octets: Buffer): Buffer {
  return Buffer.alloc(Math.ceil(octets.length / blockSize) * blockSize, octets);
}
