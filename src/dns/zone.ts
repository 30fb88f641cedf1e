import type { Log } from '../log.ts';
import { type Answer, describeFault, isRoutable, NameServer } from './query.ts';

/** One authoritative server of a zone, by one of its addresses. */
export interface AuthoritativeServer {
  /** The host's name, as the NS record has it. */
  host: string;
  address: string;
  ask: NameServer;
}

/** A zone and who answers for it. */
export interface Zone {
  /** The apex, without a final dot. */
  name: string;
  servers: AuthoritativeServer[];
}

/** Why there is no zone, in words that continue a sentence. */
export interface NoZone {
  fault: string;
}

/**
 * Finds zones and their authoritative servers by asking recursive resolvers for NS records, each name once in a run.
 */
export class ZoneFinder {
  readonly resolvers: NameServer;
  readonly #log: Log;
  readonly #nameServers = new Map<string, Promise<Answer<string>>>();
  readonly #aliases = new Map<string, Promise<Answer<string>>>();
  readonly #zones = new Map<string, Promise<Zone>>();
  readonly #addresses = new Map<string, Promise<AuthoritativeServer[]>>();

  constructor(resolvers: NameServer, log: Log) {
    this.resolvers = resolvers;
    this.#log = log;
  }

  /**
   * The zone that a name's parent is in. The name itself is not looked up: a resolver would remember that it is not
   * there (RFC 2308), and answer so after the script has set it.
   */
  async zoneAbove(name: string): Promise<Zone | NoZone> {
    const ancestors = ancestorsOf(name);
    const answers = await Promise.all(ancestors.map((ancestor) => this.#nameServersOf(ancestor)));
    for (const [index, ancestor] of ancestors.entries()) {
      const answer = answers[index] as Answer<string>;
      if (answer.kind === 'no data' || answer.kind === 'no name' || (await this.#isAlias(ancestor))) {
        continue;
      }
      if (answer.kind === 'values') {
        return this.#zone(ancestor, answer.values);
      }
      return {
        fault: `asked for the name servers of ${ancestor}, the resolver ${describeFault(answer.code)}`,
      };
    }
    return { fault: `the resolvers know no name servers for any name above ${name}` };
  }

  /** The zone whose apex is this very name, if it is delegated. */
  async zoneAt(name: string): Promise<Zone | undefined> {
    const answer = await this.#nameServersOf(name);
    return answer.kind === 'values' ? await this.#zone(name, answer.values) : undefined;
  }

  /** Ends all questions under way. */
  close(): void {
    this.resolvers.cancel();
    for (const servers of this.#addresses.values()) {
      void servers.then((found) => {
        for (const { ask } of found) {
          ask.cancel();
        }
      });
    }
  }

  #nameServersOf(name: string): Promise<Answer<string>> {
    return remembered(this.#nameServers, name, () => this.resolvers.ns(name));
  }

  /** An alias is no zone: what a resolver answers for it are the name servers of its target, or their fault. */
  async #isAlias(name: string): Promise<boolean> {
    const answer = await remembered(this.#aliases, name, () => this.resolvers.cname(name));
    return answer.kind === 'values';
  }

  #zone(name: string, hosts: readonly string[]): Promise<Zone> {
    return remembered(this.#zones, name, async () => {
      // Resolvers shuffle them.
      const inOrder = [...hosts].sort();
      const servers = (await Promise.all(inOrder.map((host) => this.#serversOf(host)))).flat();
      this.#log.debug(
        `Zone ${name}: ${servers.map(({ host, address }) => `${host} ${address}`).join(', ') || 'no server with a routable address'}`,
      );
      return { name, servers };
    });
  }

  #serversOf(host: string): Promise<AuthoritativeServer[]> {
    return remembered(this.#addresses, host, async () => {
      const addresses = await this.resolvers.hostAddresses(host);
      const routable = await Promise.all(addresses.map(isRoutable));
      return addresses
        .filter((_, index) => routable[index])
        .map((address) => ({
          host,
          address,
          ask: new NameServer([address.includes(':') ? `[${address}]:53` : `${address}:53`]),
        }));
    });
  }
}

/** `a.b.example` → `b.example`, `example`. */
function ancestorsOf(name: string): string[] {
  const labels = name.split('.');
  return labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
}

function remembered<T>(memory: Map<string, Promise<T>>, key: string, find: () => Promise<T>): Promise<T> {
  const known = memory.get(key);
  if (known !== undefined) {
    return known;
  }
  const found = find();
  memory.set(key, found);
  return found;
}
