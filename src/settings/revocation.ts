import { revocationReasons } from '../acme/revocation.ts';
import { describeCertificate } from '../certificate/description.ts';
import { splitPem } from '../certificate/pem.ts';
import { parseKey } from './account.ts';
import { parseRoots, parseServer } from './authority.ts';
import { type Problem, Problems } from './problem.ts';
import type { AuthoritySettings } from './settings.ts';
import { readStoreSettings, type StoreSettings } from './store.ts';
import { readTextOrFile } from './text-or-file.ts';

/** The inputs of the `revoke` action; a test holds them beside its `action.yml`. */
export const revocationInputNames = [
  'certificate',
  'name',
  'server',
  'ca-certificates',
  'account-key',
  'private-key',
  'reason',
  'store',
  'store-key',
] as const;

/** What is revoked, and in whose name. */
export interface RevocationSettings {
  authority: AuthoritySettings;
  /** PEM; undefined: the store's. */
  certificate: string | undefined;
  /** The certificate's name in the store. */
  name: string;
  /** PEM of the account's key, or of the certificate's own; neither: the store's account. */
  accountKey: string | undefined;
  certificateKey: string | undefined;
  /** RFC 5280 section 5.3.1. */
  reason: number;
  store: StoreSettings | undefined;
}

/** Reads the settings of a revocation; every problem is found, not only the first. */
export function readRevocationSettings(
  inputs: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
): { settings: RevocationSettings | undefined; problems: Problem[] } {
  const problems = new Problems();
  const input = (name: string): string => inputs.get(name) ?? '';
  const workspace = environment.GITHUB_WORKSPACE || process.cwd();
  const isPem = (text: string): boolean => /-----BEGIN|^\s*\{/.test(text);
  const key = readTextOrFile('private-key', input('private-key'), workspace, isPem, problems);
  const settings = {
    authority: {
      directoryUrl: parseServer(input('server'), problems),
      roots: parseRoots(input('ca-certificates'), workspace, problems),
    },
    certificate: parseCertificate(input('certificate'), workspace, isPem, problems),
    name: input('name'),
    accountKey: parseKey('account-key', input('account-key'), problems),
    certificateKey: key === undefined ? undefined : parseKey('private-key', key.text, problems),
    reason: parseReason(input('reason'), problems),
    store: readStoreSettings(input, workspace, problems),
  };
  checkTogether(input, problems);
  return { settings: problems.found.length === 0 ? settings : undefined, problems: problems.found };
}

function checkTogether(input: (name: string) => string, problems: Problems): void {
  const hasStore = input('store') !== '';
  if (input('certificate') === '' && (!hasStore || input('name') === '')) {
    problems.add('certificate', '', 'is required: the path of the certificate, or store with name.');
  }
  if (input('account-key') !== '' && input('private-key') !== '') {
    problems.add(
      'private-key',
      '',
      'contradicts account-key: the request is signed with one of them; keep one.',
    );
  }
  if (input('account-key') === '' && input('private-key') === '' && !hasStore) {
    problems.add(
      'account-key',
      '',
      "is required: the key of the account, or private-key, the certificate's own, or a store.",
    );
  }
}

function parseCertificate(
  given: string,
  workspace: string,
  isPem: (text: string) => boolean,
  problems: Problems,
): string | undefined {
  const read = readTextOrFile('certificate', given, workspace, isPem, problems);
  const pem = read === undefined ? undefined : splitPem(read.text)[0];
  try {
    if (read !== undefined) {
      describeCertificate(pem ?? '');
    }
  } catch {
    problems.add(
      'certificate',
      read?.shown ?? given,
      'holds no PEM certificate ("-----BEGIN CERTIFICATE-----").',
    );
  }
  return pem;
}

function parseReason(text: string, problems: Problems): number {
  if (text === '') {
    return 0;
  }
  const known = Object.entries(revocationReasons).find(
    ([name, number]) => name.toLowerCase() === text.toLowerCase() || String(number) === text,
  );
  if (known === undefined) {
    const reasons = Object.entries(revocationReasons).map(([name, number]) => `${name} (${number})`);
    problems.add('reason', text, `is no reason for a revocation; use one of ${reasons.join(', ')}.`);
  }
  return known?.[1] ?? 0;
}
