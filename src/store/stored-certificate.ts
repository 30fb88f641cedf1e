import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';

import { type CertificateDescription, describeCertificate } from '../certificate/description.ts';
import { splitPem } from '../certificate/pem.ts';
import { messageOf } from '../failure.ts';
import { markerFile, recoverFolder, replaceFile, replaceFolder } from './folder-swap.ts';
import type { Sealing } from './sealing.ts';
import { asJson, readRecord } from './version.ts';

/** What the store notes beside a certificate. Read by people in reviews: keep it plain. */
export interface CertificateMeta {
  directoryUrl: string;
  profile: string | null;
  /** The base URL of the CA's renewal information; saves a request. */
  renewalInfoUrl: string | null;
  /** ISO 8601; null: not revoked. */
  revoked: string | null;
  /** Whether `deploy-path` has succeeded with it. */
  deployed: boolean;
  /** SHA-256 of each file, to notice damage and mix-ups. */
  digests: Record<string, string>;
}

/** A certificate of the store. */
export interface StoredCertificate {
  name: string;
  folder: string;
  /** Undefined when cert.pem cannot be read as a certificate. */
  description: CertificateDescription | undefined;
  meta: CertificateMeta | undefined;
  /** What is wrong with the files, in words that follow "the store's"; undefined when all is well. */
  fault: string | undefined;
}

export const storedFiles = {
  certificate: 'cert.pem',
  chain: 'chain.pem',
  fullchain: 'fullchain.pem',
  privateKey: 'privkey.pem.age',
} as const;

/**
 * Reads a certificate of the store, after ending a write that a crash interrupted.
 *
 * @returns undefined when there is none of that name
 * @throws Failure when a newer version of this action wrote it
 */
export function readStoredCertificate(folder: string): StoredCertificate | undefined {
  recoverFolder(folder);
  if (!existsSync(folder)) {
    return undefined;
  }
  const name = path.basename(folder);
  const read = readRecord<CertificateMeta>(path.join(folder, markerFile));
  const described = tryDescribe(path.join(folder, storedFiles.certificate));
  const meta = read.record;
  return {
    name,
    folder,
    description: described.description,
    meta,
    fault:
      read.fault ?? described.fault ?? (meta === undefined ? undefined : digestFault(folder, meta.digests)),
  };
}

/** What is kept of an issued certificate. */
export interface CertificateToStore {
  /** PEM, the certificate first. */
  chain: readonly string[];
  /** PEM; undefined with a CSR of the user's own. */
  privateKey: string | undefined;
  meta: Omit<CertificateMeta, 'digests'>;
}

/** Writes a certificate in place of the one that has its name. One with a fault is moved aside, not overwritten. */
export async function writeStoredCertificate(
  folder: string,
  { chain, privateKey, meta }: CertificateToStore,
  sealing: Sealing,
  moveAside: boolean,
): Promise<void> {
  const [certificate = '', ...intermediates] = chain;
  const files: Record<string, string> = {
    [storedFiles.certificate]: certificate,
    [storedFiles.fullchain]: chain.join(''),
  };
  if (intermediates.length > 0) {
    files[storedFiles.chain] = intermediates.join('');
  }
  if (privateKey !== undefined) {
    files[storedFiles.privateKey] = await sealing.seal(privateKey);
  }
  const digests = Object.fromEntries(Object.entries(files).map(([name, content]) => [name, digest(content)]));
  if (moveAside && existsSync(folder)) {
    renameSync(folder, `${folder}.damaged-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  }
  replaceFolder(folder, { ...files, [markerFile]: asJson({ ...meta, digests }) });
}

/** Changes what is noted beside a certificate; its files stay. */
export function updateMeta(stored: StoredCertificate, change: Partial<CertificateMeta>): void {
  if (stored.meta !== undefined) {
    replaceFile(path.join(stored.folder, markerFile), asJson({ ...stored.meta, ...change }));
  }
}

/** The chain of a stored certificate as PEM, the certificate first. */
export function readStoredChain(stored: StoredCertificate): string[] {
  return splitPem(readFileSync(path.join(stored.folder, storedFiles.fullchain), 'utf8'));
}

/**
 * The private key of a stored certificate, as PEM.
 *
 * @returns undefined when the store has none: the certificate was for a CSR
 * @throws Failure when it cannot be opened
 */
export async function readStoredKey(
  stored: StoredCertificate,
  sealing: Sealing,
): Promise<string | undefined> {
  const file = path.join(stored.folder, storedFiles.privateKey);
  return existsSync(file) ? await sealing.open(readFileSync(file, 'utf8'), file) : undefined;
}

function tryDescribe(file: string): {
  description: CertificateDescription | undefined;
  fault: string | undefined;
} {
  try {
    return { description: describeCertificate(readFileSync(file, 'utf8')), fault: undefined };
  } catch (error) {
    const reason = existsSync(file) ? `cannot be read as a certificate (${messageOf(error)})` : 'is missing';
    return { description: undefined, fault: `${path.basename(file)} ${reason}` };
  }
}

function digestFault(folder: string, digests: Record<string, string>): string | undefined {
  for (const [name, expected] of Object.entries(digests)) {
    const file = path.join(folder, name);
    if (!existsSync(file)) {
      return `${name} is missing`;
    }
    if (digest(readFileSync(file, 'utf8')) !== expected) {
      return `${name} is not the file that was written with this certificate`;
    }
  }
  return undefined;
}

function digest(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
