import { createPrivateKey } from 'node:crypto';
import { publicKeyDigest } from '../certificate/description.ts';
import { type KeyType, keyTypes } from '../certificate/key.ts';
import { asciiName } from '../dns/ascii-name.ts';
import { messageOf } from '../failure.ts';
import { parseKey } from './account.ts';
import { parseChoice } from './choice.ts';
import { parseDomains } from './domains.ts';
import { parseSwitch } from './numbers.ts';
import type { Problems } from './problem.ts';
import { readOctets, readTextOrFile } from './text-or-file.ts';

/** Where the certificate's key comes from. */
export type KeySource =
  | { kind: 'new'; keyType: KeyType }
  /** The key of the store's certificate; a new one while there is none. */
  | { kind: 'reuse'; keyType: KeyType }
  /** PEM (PKCS#8), and the SHA-256 of its public half (SPKI). */
  | { kind: 'given'; pem: string; publicKey: string }
  /** A request of the user's own, DER; its key stays with the user. */
  | { kind: 'request'; csr: Buffer; publicKey: string };

/** What is ordered. */
export interface CertificateSettings {
  /** Lower-case A-labels in the order given, wildcards as `*.name`. */
  domains: string[];
  key: KeySource;
  /** As the CA names it. */
  profile: string | undefined;
  /** Common name of the issuer that the chain should lead to. */
  preferredChain: string | undefined;
}

/** The inputs `domains`, `csr`, `key-type`, `private-key`, `reuse-key`, `profile` and `preferred-chain`. */
export async function readCertificateSettings(
  input: (name: string) => string,
  workspace: string,
  problems: Problems,
): Promise<CertificateSettings> {
  const request = input('csr') === '' ? undefined : await readRequest(input('csr'), workspace, problems);
  if (input('csr') !== '' && input('domains') !== '') {
    problems.add(
      'domains',
      input('domains'),
      'contradicts csr, whose names are ordered; leave one of them out.',
    );
  }
  return {
    domains: input('csr') === '' ? parseDomains(input('domains'), problems) : (request?.domains ?? []),
    key: readKeySource(input, request, workspace, problems),
    profile: input('profile') || undefined,
    preferredChain: input('preferred-chain') || undefined,
  };
}

function readKeySource(
  input: (name: string) => string,
  request: CertificateRequest | undefined,
  workspace: string,
  problems: Problems,
): KeySource {
  const keyType = parseChoice('key-type', input('key-type'), keyTypes, problems);
  const reuse = parseSwitch('reuse-key', input('reuse-key'), false, problems);
  const isPem = (text: string): boolean => /-----BEGIN|^\s*\{/.test(text);
  const given = readTextOrFile('private-key', input('private-key'), workspace, isPem, problems);
  const pem = given === undefined ? undefined : parseKey('private-key', given.text, problems);
  const chosen = ['csr', 'private-key']
    .filter((name) => input(name) !== '')
    .concat(reuse ? ['reuse-key'] : []);
  if (chosen.length > 1) {
    problems.add(
      chosen.join(', '),
      '',
      'contradict each other: each says where the key comes from; keep one.',
    );
  }
  if (reuse && input('store') === '') {
    problems.add('reuse-key', 'true', 'needs a store, whose key is used again.');
  }
  if (request !== undefined) {
    return { kind: 'request', csr: request.der, publicKey: request.publicKey };
  }
  if (pem !== undefined) {
    return { kind: 'given', pem, publicKey: publicKeyDigest(createPrivateKey(pem)) };
  }
  return { kind: reuse ? 'reuse' : 'new', keyType };
}

interface CertificateRequest {
  der: Buffer;
  domains: string[];
  publicKey: string;
}

/** A PKCS#10 request from a file, PEM or DER, with the names of its subject alternative name extension. */
async function readRequest(
  given: string,
  workspace: string,
  problems: Problems,
): Promise<CertificateRequest | undefined> {
  const octets = readOctets('csr', given, workspace, problems);
  if (octets === undefined) {
    return undefined;
  }
  const { parseRequest } = await import('../certificate/request.ts');
  try {
    const request = parseRequest(octets);
    const domains = parseDomains(request.names.map(asciiName).join(' '), problems);
    return { der: request.der, domains, publicKey: request.publicKey };
  } catch (error) {
    problems.add('csr', given, `is no certificate request (PKCS#10, PEM or DER): ${messageOf(error)}`);
    return undefined;
  }
}
