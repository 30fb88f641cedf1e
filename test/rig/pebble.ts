import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { goTool } from '../../scripts/toolchain/go-tools.mjs';
import { removeFolder, temporaryFolder } from './folder.ts';
import { httpsText } from './https.ts';
import { listenerCertificate } from './listener-certificate.ts';
import { freePort } from './ports.ts';
import { listens, startServer } from './process.ts';

/** Keys of Pebble's configuration that tests have a use for; the rest is the rig's. */
export interface PebbleConfig {
  /** By name. `validityPeriod` in seconds. */
  readonly profiles?: Readonly<Record<string, { description: string; validityPeriod?: number }>>;
  readonly externalAccountBindingRequired?: boolean;
  /** By key identifier: base64url without padding. */
  readonly externalAccountMACKeys?: Readonly<Record<string, string>>;
  /** Seconds; 0, the default, sends no Retry-After. */
  readonly retryAfter?: { readonly authz: number; readonly order: number };
  readonly domainBlocklist?: readonly string[];
  readonly caaIdentities?: readonly string[];
  readonly keyAlgorithm?: 'ecdsa' | 'rsa';
  /** Seconds. */
  readonly certificateValidityPeriod?: number;
}

export interface PebbleStart {
  /** `address:port` of the resolver that Pebble validates with. */
  readonly dnsServer: string;
  /** `PEBBLE_*` variables. Without any, Pebble rejects 5 % of nonces and sleeps at random before it validates. */
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: PebbleConfig;
  readonly strict?: boolean;
}

export interface Pebble {
  readonly directoryUrl: string;
  /** Path of the PEM of the root that signed Pebble's HTTPS certificate (not of the root of what it issues). */
  readonly rootCertificate: string;
  readonly managementUrl: string;
  readonly pid: number;
  /** Pebble's own log, the last lines. */
  readonly log: readonly string[];
  /** PEM of a root that Pebble issues under; higher numbers with PEBBLE_ALTERNATE_ROOTS. */
  issuingRoot(number?: number): Promise<string>;
  issuingIntermediate(number?: number): Promise<string>;
  certificateStatus(serialHex: string): Promise<{ Status: 'Valid' | 'Revoked'; Reason?: number }>;
  /** Has any text served as a certificate's renewal information; '' restores Pebble's own. */
  setRenewalInfo(certificatePem: string, answer: string): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a Pebble on free ports of 127.0.0.1. */
export async function startPebble({ dnsServer, env, config, strict }: PebbleStart): Promise<Pebble> {
  const program = await goTool('pebble');
  const folder = temporaryFolder('pebble');
  const listener = listenerCertificate(folder, 'Pebble');
  const [port, managementPort] = [await freePort(), await freePort()];
  const file = path.join(folder, 'pebble.json');
  const pebble = {
    keyAlgorithm: 'ecdsa',
    ...config,
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate: listener.certificate,
    privateKey: listener.key,
  };
  writeFileSync(file, JSON.stringify({ pebble }));
  const server = await startServer({
    name: 'Pebble',
    command: program,
    args: ['-config', file, '-dnsserver', dnsServer, ...(strict ? ['-strict'] : [])],
    cwd: folder,
    ready: async () => (await listens(port)) && (await listens(managementPort)),
    ...(env === undefined ? {} : { env }),
  });
  const managementUrl = `https://127.0.0.1:${managementPort}`;
  const ask = (place: string, body?: string) =>
    httpsText(`${managementUrl}${place}`, {
      rootCertificate: listener.root,
      ...(body === undefined ? {} : { body }),
    });
  return {
    directoryUrl: `https://127.0.0.1:${port}/dir`,
    rootCertificate: listener.root,
    managementUrl,
    pid: server.pid,
    log: server.lines,
    issuingRoot: (number = 0) => ask(`/roots/${number}`),
    issuingIntermediate: (number = 0) => ask(`/intermediates/${number}`),
    certificateStatus: async (serialHex) => JSON.parse(await ask(`/cert-status-by-serial/${serialHex}`)),
    setRenewalInfo: async (Certificate, ARIResponse) => {
      await ask('/set-renewal-info/', JSON.stringify({ Certificate, ARIResponse }));
    },
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}
