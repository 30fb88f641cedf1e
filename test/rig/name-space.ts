import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestKind } from './acme-request.ts';
import { type CaProxy, startCaProxy } from './ca-proxy.ts';
import { temporaryFolder } from './folder.ts';
import { startPebble } from './pebble.ts';
import { type Delegation, startResolver, type TestResolver } from './resolver.ts';
import { type ActionResult, type StartedAction, startAction } from './runner.ts';
import { script } from './scripts.ts';
import { addressType } from './zone.ts';

/** One call of the script, and what the action told it beside the arguments. */
export interface ScriptCall {
  readonly command: string;
  /** `<FQDN.>` */
  readonly name: string;
  readonly value: string;
  /** EXEC_ZONE, empty when the action gave none. */
  readonly zone: string;
  /** EXEC_RECORD, likewise. */
  readonly record: string;
}

export interface NameSpaceRun {
  /** The address of the server that the script updates. */
  readonly primary: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The path of the script that does the work; `nsupdate.sh` by default. */
  readonly program?: string;
}

export interface StartedRun extends StartedAction {
  /** The calls so far, each as it begins. */
  calls(): ScriptCall[];
}

/** A name space of real servers, and a CA that validates in it. */
export interface NameSpace {
  readonly resolver: TestResolver;
  readonly proxy: CaProxy;
  /** Runs the action to its end, with short times and a script that updates the primary. */
  run(run: NameSpaceRun): Promise<ActionResult & { calls: ScriptCall[] }>;
  start(run: NameSpaceRun): StartedRun;
  stop(): Promise<void>;
}

export interface NameSpaceStart {
  /** The root server's address: every test file has its own, as files may run side by side. */
  readonly root: string;
  readonly zones: readonly Delegation[];
  /** Called for every request to the CA. */
  readonly onRequest?: (kind: RequestKind) => void;
}

const recorder = `#!/bin/sh
[ "$1" = timeout ] || printf '%s\\n' "$*|$EXEC_ZONE|$EXEC_RECORD" >>"$CALLS"
exec "$THEN" "$@"
`;

/** Starts a root server, a resolver, and a Pebble that asks the resolver; the zones' own servers are the caller's. */
export async function startNameSpace({ root, zones, onRequest }: NameSpaceStart): Promise<NameSpace> {
  const resolver = await startResolver({ rootAddress: root, zones });
  const pebble = await startPebble({
    dnsServer: resolver.server,
    env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
  });
  const proxy = await startCaProxy({
    ca: pebble,
    fault: ({ kind }) => {
      onRequest?.(kind);
      return undefined;
    },
  });
  const start = ({ primary, inputs, program = script('nsupdate.sh') }: NameSpaceRun): StartedRun => {
    const workspace = temporaryFolder('name-space');
    const log = path.join(workspace, 'calls');
    writeFileSync(path.join(workspace, 'dns.sh'), recorder, { mode: 0o755 });
    const started = startAction({
      workspace,
      inputs: {
        'agree-tos': 'true',
        server: proxy.directoryUrl,
        'ca-certificates': proxy.rootCertificate,
        'exec-path': './dns.sh',
        'exec-polling-interval': '0.2',
        'exec-propagation-timeout': '10',
        'dns-resolvers': resolver.server,
        ...inputs,
      },
      env: { CALLS: log, THEN: program, DNS_SERVER: primary },
    });
    return { ...started, calls: () => readCalls(log) };
  };
  return {
    resolver,
    proxy,
    start,
    run: async (options) => {
      // What the CA's resolver remembers of an earlier run in the same zone is not this run's concern.
      await resolver.flush();
      const started = start(options);
      return { ...(await started.result), calls: started.calls() };
    },
    stop: async () => {
      await proxy.stop();
      await pebble.stop();
      await resolver.stop();
    },
  };
}

/** A zone delegated to `ns`, or to `ns1`, `ns2` and so on, in the zone itself. */
export function delegated(name: string, ...addresses: readonly string[]): Delegation {
  return {
    name,
    servers: hosts(addresses).map(([host, address]) => ({ name: `${host}.${name}`, addresses: [address] })),
  };
}

/** The zone's own records that say what `delegated` says. */
export function nameServers(...addresses: readonly string[]): string[] {
  return hosts(addresses).flatMap(([host, address]) => [
    `@ NS ${host}`,
    `${host} ${addressType(address)} ${address}`,
  ]);
}

function hosts(addresses: readonly string[]): [string, string][] {
  return addresses.map((address, index) => [addresses.length === 1 ? 'ns' : `ns${index + 1}`, address]);
}

function readCalls(log: string): ScriptCall[] {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : [];
  return lines.map((line) => {
    const [args = '', zone = '', record = ''] = line.split('|');
    const [command = '', name = '', value = ''] = args.split(' ');
    return { command, name, value, zone, record };
  });
}
