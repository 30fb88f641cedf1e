import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';
import { codeOf, Failure, messageOf } from '../failure.ts';
import { Sealing, type SealingSettings } from './sealing.ts';
import {
  type AccountMeta,
  accountFolder,
  readAccountKey,
  readStoredAccount,
  type StoredAccount,
  writeStoredAccount,
} from './stored-account.ts';
import {
  type CertificateMeta,
  type CertificateToStore,
  readStoredCertificate,
  readStoredKey,
  type StoredCertificate,
  updateMeta,
  writeStoredCertificate,
} from './stored-certificate.ts';

/**
 * A folder that keeps certificates and accounts between runs: `certificates/<name>/` and `accounts/<CA>/`. Public parts
 * are plain PEM, private ones age files.
 */
export class Store {
  readonly directory: string;
  readonly #sealing: Sealing;

  /**
   * Opens the folder, and makes it where it is missing.
   *
   * @throws Failure when it cannot be written to: better now than with a certificate in hand
   */
  constructor(directory: string, sealing: SealingSettings) {
    this.directory = directory;
    this.#sealing = new Sealing(sealing);
    guarded(directory, () => {
      mkdirSync(path.join(directory, 'certificates'), { recursive: true });
      mkdirSync(path.join(directory, 'accounts'), { recursive: true });
      accessSync(path.join(directory, 'certificates'), constants.W_OK);
    });
  }

  /** @throws Failure when a newer version of this action wrote it */
  certificate(name: string): StoredCertificate | undefined {
    return guarded(this.directory, () => readStoredCertificate(this.#certificateFolder(name)));
  }

  /** @throws Failure when the store cannot be opened with this key */
  async privateKey(stored: StoredCertificate): Promise<string | undefined> {
    return this.#sealing.canOpen ? await readStoredKey(stored, this.#sealing) : undefined;
  }

  /** Keeps a new certificate. One that was damaged is moved aside. */
  async keepCertificate(
    name: string,
    certificate: CertificateToStore,
    previous: StoredCertificate | undefined,
  ): Promise<void> {
    const folder = this.#certificateFolder(name);
    const moveAside = previous?.fault !== undefined;
    await guarded(folder, () => writeStoredCertificate(folder, certificate, this.#sealing, moveAside));
  }

  /** Notes that a certificate was deployed or revoked. */
  note(stored: StoredCertificate, change: Partial<Pick<CertificateMeta, 'deployed' | 'revoked'>>): void {
    guarded(stored.folder, () => updateMeta(stored, change));
  }

  /**
   * The account at a CA, with its key.
   *
   * @returns undefined when there is none, or this run may only write
   * @throws Failure when it is damaged or for another store-key
   */
  async account(directoryUrl: string): Promise<(StoredAccount & { keyPem: string }) | undefined> {
    const stored = guarded(this.directory, () =>
      readStoredAccount(accountFolder(this.directory, directoryUrl)),
    );
    if (stored === undefined || !this.#sealing.canOpen) {
      return undefined;
    }
    return { ...stored, keyPem: await readAccountKey(stored, this.#sealing) };
  }

  /** The URL of the account at a CA, or undefined; nothing is opened for it. */
  accountUrl(directoryUrl: string): string | undefined {
    return readStoredAccount(accountFolder(this.directory, directoryUrl))?.meta.accountUrl;
  }

  /** Keeps an account and its key. */
  async keepAccount(meta: AccountMeta, keyPem: string): Promise<void> {
    const folder = accountFolder(this.directory, meta.directoryUrl);
    await guarded(folder, () => writeStoredAccount(folder, meta, keyPem, this.#sealing));
  }

  #certificateFolder(name: string): string {
    return path.join(this.directory, 'certificates', name);
  }
}

/** Runs work on the store's files; what the file system says becomes a failure that names the place. */
function guarded<T>(place: string, work: () => T): T {
  const explain = (error: unknown): never => {
    if (error instanceof Failure || codeOf(error) === '') {
      throw error;
    }
    throw new Failure(
      'The store cannot be used',
      `${place}: ${messageOf(error)}`,
      codeOf(error) === 'ENOSPC'
        ? 'The disk is full; free some space and run again.'
        : 'Check that store names a folder that the runner may write to.',
      error,
    );
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(explain) as T) : result;
  } catch (error) {
    return explain(error);
  }
}
