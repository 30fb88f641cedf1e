import { type CaProxy, type CaProxyStart, startCaProxy } from './ca-proxy.ts';
import { type Challtestsrv, startChalltestsrv } from './challtestsrv.ts';
import { type Pebble, type PebbleConfig, startPebble } from './pebble.ts';
import { type ActionResult, type ActionRun, runAction } from './runner.ts';
import { script } from './scripts.ts';

/** A CA that validates at once and never rejects a nonce, with its name server and a proxy that counts. */
export interface InstantAuthority {
  readonly dns: Challtestsrv;
  readonly pebble: Pebble;
  readonly proxy: CaProxy;
  /** Runs the action at `repository`'s root, or another, with inputs that reach this CA. */
  run(inputs: Readonly<Record<string, string>>, run?: Omit<ActionRun, 'inputs'>): Promise<ActionResult>;
  stop(): Promise<void>;
}

export interface InstantAuthorityStart {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: PebbleConfig;
  readonly fault?: CaProxyStart['fault'];
}

/** Starts one on free ports. Authorizations are not reused unless `env` says so. */
export async function startInstantAuthority(start: InstantAuthorityStart = {}): Promise<InstantAuthority> {
  const dns = await startChalltestsrv();
  const pebble = await startPebble({
    dnsServer: dns.dnsServer,
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0', ...start.env },
    ...(start.config && { config: start.config }),
  });
  const proxy = await startCaProxy({ ca: pebble, ...(start.fault && { fault: start.fault }) });
  return {
    dns,
    pebble,
    proxy,
    run: (inputs, run = {}) =>
      runAction({
        ...run,
        inputs: {
          'agree-tos': 'true',
          server: proxy.directoryUrl,
          'ca-certificates': proxy.rootCertificate,
          'exec-path': script('challtestsrv.py'),
          'dns-resolvers': dns.dnsServer,
          ...inputs,
        },
        env: { CHALLTESTSRV: dns.managementUrl, ...run.env },
      }),
    stop: async () => {
      await proxy.stop();
      await pebble.stop();
      await dns.stop();
    },
  };
}
