import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Challtestsrv, startChalltestsrv } from '../rig/challtestsrv.ts';
import { type Pebble, startPebble } from '../rig/pebble.ts';

/** A CA and the name server that it asks. */
export interface Authority {
  readonly pebble: Pebble;
  readonly dns: Challtestsrv;
  /** PEM of the root that Pebble's own HTTPS certificate is from, for `ca-certificates`. */
  readonly listenerRoot: string;
  stop(): Promise<void>;
}

export async function startAuthority(): Promise<Authority> {
  const dns = await startChalltestsrv();
  const pebble = await startPebble({ dnsServer: dns.dnsServer });
  return {
    pebble,
    dns,
    listenerRoot: readFileSync(pebble.rootCertificate, 'utf8'),
    stop: async () => {
      await pebble.stop();
      await dns.stop();
    },
  };
}

/**
 * The DNS script of the test's users. It finds the name server's API by a variable that only `exec-env` sets; removing
 * one value removes all of its name, which is all that this server can.
 */
export const dnsScript = `#!/usr/bin/env node
const [action, host, value] = process.argv.slice(2);
const { NAME_SERVER_API } = process.env;
if (action === 'timeout') {
  console.log(JSON.stringify({ timeout: 20, interval: 1 }));
} else {
  const [endpoint, body] = action === 'present' ? ['set-txt', { host, value }] : ['clear-txt', { host }];
  const response = await fetch(NAME_SERVER_API + '/' + endpoint, { method: 'POST', body: JSON.stringify(body) });
  console.log(action + ' by ' + NAME_SERVER_API + ': ' + response.status);
  process.exitCode = response.ok ? 0 : 1;
}
`;

/** The deploy program of the test's users: copies the files to the folder that the secret names. */
export const deployProgram = `#!/bin/sh
set -eu
target="$DEPLOY_SECRET/$ACME_NAME"
mkdir -p "$target"
cp "$ACME_CERTIFICATE" "$ACME_CHAIN" "$ACME_FULLCHAIN" "$ACME_PRIVATE_KEY" "$target"
printf '%s' "$ACME_DOMAINS" > "$target/domains"
`;

/** Asserts that a folder holds a certificate for these names, its key, and a chain to the CA's root. */
export async function assertDeployed(
  folder: string,
  domains: readonly string[],
  pebble: Pebble,
): Promise<X509Certificate> {
  const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
  const chain = [...read('fullchain.pem').matchAll(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n?/g)].map(
    ([pem]) => new X509Certificate(pem),
  );
  const leaf = chain[0] as X509Certificate;
  const links = [...chain, new X509Certificate(await pebble.issuingRoot())];
  for (const [index, certificate] of chain.entries()) {
    const issuer = links[index + 1] as X509Certificate;
    assert.ok(certificate.checkIssued(issuer), `${issuer.subject} is the issuer of ${certificate.subject}`);
    assert.ok(certificate.verify(issuer.publicKey), `${certificate.subject} is signed by ${issuer.subject}`);
  }
  assert.ok(
    leaf.checkPrivateKey(createPrivateKey(read('privkey.pem'))),
    'the key is that of the certificate',
  );
  const names = (leaf.subjectAltName ?? '').split(', ').map((name) => name.replace(/^DNS:/, ''));
  assert.deepEqual(names.toSorted(), [...domains].toSorted());
  return leaf;
}
