import { startNamed } from './named.ts';
import { freeAddress, freePort } from './ports.ts';
import { addressType } from './zone.ts';

/** A zone below a top-level domain, and the servers that the domain's registry names for it. */
export interface Delegation {
  readonly name: string;
  /** Without addresses, the name is looked up by itself: it belongs to another zone. */
  readonly servers: readonly { readonly name: string; readonly addresses?: readonly string[] }[];
}

export interface ResolverStart {
  /** The address that the resolver listens on; 127.0.0.1 by default. */
  readonly address?: string;
  /** A free port by default. */
  readonly port?: number;
  /** The loopback address of the root server, on port 53; a free one by default. */
  readonly rootAddress?: string;
  readonly zones: readonly Delegation[];
}

export interface TestResolver {
  /** `address:port`. */
  readonly server: string;
  readonly log: readonly string[];
  /** Forgets all that it has looked up. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts BIND as a recursive resolver over a name space of its own: a root server that also holds the top-level domains
 * and delegates the zones from there, as the real one does. No question leaves the machine: the root hints name this
 * root server, nothing is forwarded, and the root denies every other name.
 */
export async function startResolver(start: ResolverStart): Promise<TestResolver> {
  const { address = '127.0.0.1', zones } = start;
  const rootAddress = start.rootAddress ?? (await freeAddress());
  const port = start.port ?? (await freePort(address));
  const root = await startRoot(rootAddress, zones);
  try {
    const resolver = await startNamed({
      address,
      port,
      options: ['recursion yes; allow-query { any; }; allow-recursion { any; }; prefetch 0;'],
      statements: ['zone "." { type hint; file "hints"; };'],
      files: { hints: rootServer(rootAddress).join('\n') },
    });
    return {
      server: address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
      log: resolver.log,
      flush: async () => {
        await resolver.control('flush');
      },
      stop: async () => {
        await Promise.all([resolver.stop(), root.stop()]);
      },
    };
  } catch (error) {
    await root.stop();
    throw error;
  }
}

function startRoot(address: string, zones: readonly Delegation[]) {
  const topLevels = [...new Set(zones.map(({ name }) => name.slice(name.lastIndexOf('.') + 1)))];
  const authority = '@ 1 SOA a.root-server. hostmaster.root-server. 1 86400 86400 864000 1';
  const files: Record<string, string> = {
    root: [
      authority,
      ...rootServer(address),
      ...topLevels.map((domain) => `${domain}. 1 NS a.root-server.`),
    ].join('\n'),
  };
  for (const domain of topLevels) {
    const within = zones.filter(({ name }) => name.endsWith(`.${domain}`));
    files[`top.${domain}`] = [authority, '@ 1 NS a.root-server.', ...within.flatMap(delegation)].join('\n');
  }
  return startNamed({
    address,
    port: 53,
    options: ['recursion no; allow-query { any; }; notify no;'],
    statements: [
      'zone "." { type primary; file "root"; };',
      ...topLevels.map((domain) => `zone "${domain}" { type primary; file "top.${domain}"; };`),
    ],
    files,
  });
}

function rootServer(address: string): string[] {
  return ['. 1 NS a.root-server.', `a.root-server. 1 ${addressType(address)} ${address}`];
}

/** A registry takes addresses (glue) of those servers alone that the zone itself would be needed to find. */
function delegation({ name, servers }: Delegation): string[] {
  return servers.flatMap((server) => [
    `${name}. 1 NS ${server.name}.`,
    ...(server.addresses ?? []).map((address) => `${server.name}. 1 ${addressType(address)} ${address}`),
  ]);
}
