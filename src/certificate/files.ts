import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf, Failure, messageOf } from '../failure.ts';

/** The names of the files, certbot's where it has them. */
export const fileNames = {
  certificate: 'cert.pem',
  chain: 'chain.pem',
  fullchain: 'fullchain.pem',
  privateKey: 'privkey.pem',
  pfx: 'cert.pfx',
  accountKey: 'account.pem',
} as const;

export type FileKind = keyof typeof fileNames;

const ownerOnly = new Set<FileKind>(['privateKey', 'pfx', 'accountKey']);

/**
 * The files of one certificate. They are staged beside their final names and take these only together, so that a run
 * that fails leaves the files of the run before whole.
 */
export class CertificateFiles {
  readonly directory: string;
  readonly #staged = new Set<FileKind>();
  readonly #obsolete = new Set<FileKind>();

  /**
   * @param directory made when it is missing, for the owner alone
   * @throws Failure when it cannot be made
   */
  constructor(directory: string) {
    this.directory = directory;
    attempt(directory, () => {
      const made = mkdirSync(directory, { recursive: true, mode: 0o700 });
      if (made !== undefined) {
        chmodSync(directory, 0o700);
      }
    });
  }

  /** Where a file is, once it is committed. */
  pathOf(kind: FileKind): string {
    return path.join(this.directory, fileNames[kind]);
  }

  /** The files that there are now, by kind. */
  existing(): Partial<Record<FileKind, string>> {
    const kinds = Object.keys(fileNames) as FileKind[];
    const files = kinds.map((kind): [FileKind, string] => [kind, this.pathOf(kind)]);
    return Object.fromEntries(files.filter(([, file]) => existsSync(file)));
  }

  /**
   * Writes a file under a passing name.
   *
   * @throws Failure when it cannot be written, as on a full disk
   */
  stage(kind: FileKind, content: string | Buffer): void {
    const staged = this.#stagedPath(kind);
    attempt(staged, () => {
      rmSync(staged, { force: true });
      writeFileSync(staged, content, { mode: ownerOnly.has(kind) ? 0o600 : 0o644, flag: 'wx' });
    });
    this.#staged.add(kind);
    this.#obsolete.delete(kind);
  }

  /** Stages a certificate and its chain: together, and each alone. PEM, the certificate first. */
  stageChain([certificate = '', ...intermediates]: readonly string[]): void {
    this.stage('certificate', certificate);
    this.stage('fullchain', certificate + intermediates.join(''));
    if (intermediates.length > 0) {
      this.stage('chain', intermediates.join(''));
    } else {
      this.remove('chain');
    }
  }

  /** Has a file of an earlier run that has no successor removed with the commit. */
  remove(kind: FileKind): void {
    this.#obsolete.add(kind);
  }

  /** Gives all staged files their names, and removes those without a successor. */
  commit(): void {
    for (const kind of this.#staged) {
      attempt(this.pathOf(kind), () => renameSync(this.#stagedPath(kind), this.pathOf(kind)));
    }
    for (const kind of this.#obsolete) {
      attempt(this.pathOf(kind), () => rmSync(this.pathOf(kind), { force: true }));
    }
    this.#staged.clear();
    this.#obsolete.clear();
  }

  #stagedPath(kind: FileKind): string {
    return `${this.pathOf(kind)}.new`;
  }
}

function attempt(file: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const full = codeOf(error) === 'ENOSPC' || codeOf(error) === 'EDQUOT';
    throw new Failure(
      'A file cannot be written',
      `${file}: ${messageOf(error)}`,
      full
        ? 'The disk is full; free some space and run again.'
        : 'Choose a folder that the runner may write to with output-dir.',
      error,
    );
  }
}
