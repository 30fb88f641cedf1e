import { createSocket } from 'node:dgram';
import type { CaaRecord } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { codeOf } from '../failure.ts';

/** What a server answered to one question. */
export type Answer<T> =
  | { kind: 'values'; values: T[] }
  /** The name exists without records of that type, or is delegated elsewhere. */
  | { kind: 'no data' }
  /** NXDOMAIN. */
  | { kind: 'no name' }
  /** No usable answer: `code` is the resolver's (`ETIMEOUT`, `EREFUSED`, `ESERVFAIL`, …). */
  | { kind: 'failed'; code: string };

/** Waits of one question, in milliseconds: the first try, doubled for the second. */
const firstTry = 1500;
const tries = 2;

/** Asks one set of name servers. Names are given and answered without a final dot, in lower case. */
export class NameServer {
  /** The addresses, `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:53`; empty: the system's resolvers. */
  readonly addresses: readonly string[];
  readonly #resolver: Resolver;

  constructor(addresses: readonly string[] = []) {
    this.addresses = addresses;
    this.#resolver = new Resolver({ timeout: firstTry, tries });
    if (addresses.length > 0) {
      this.#resolver.setServers([...addresses]);
    }
  }

  /** The addresses that are really asked. */
  get servers(): string[] {
    return this.#resolver.getServers();
  }

  /** The values of the TXT records of a name; strings of one record are joined (RFC 7208 section 3.3). */
  async txt(name: string): Promise<Answer<string>> {
    return await ask(async () => (await this.#resolver.resolveTxt(name)).map((strings) => strings.join('')));
  }

  async cname(name: string): Promise<Answer<string>> {
    return await ask(async () => (await this.#resolver.resolveCname(name)).map(plainName));
  }

  async ns(name: string): Promise<Answer<string>> {
    return await ask(async () => (await this.#resolver.resolveNs(name)).map(plainName));
  }

  async caa(name: string): Promise<Answer<CaaRecord>> {
    return await ask(() => this.#resolver.resolveCaa(name));
  }

  /** The IPv4 and IPv6 addresses of a host. */
  async hostAddresses(name: string): Promise<string[]> {
    const answers = await Promise.all([
      ask(() => this.#resolver.resolve4(name)),
      ask(() => this.#resolver.resolve6(name)),
    ]);
    return answers.flatMap((answer) => (answer.kind === 'values' ? answer.values : []));
  }

  /** Ends all questions under way; they are answered with `ECANCELLED`. */
  cancel(): void {
    this.#resolver.cancel();
  }
}

/** A name as it is compared: lower case, without a final dot. */
export function plainName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** A resolver's error code in words. */
export function describeFault(code: string): string {
  const words: Record<string, string> = {
    ECONNREFUSED: 'cannot be reached',
    EREFUSED: 'refuses to answer (REFUSED)',
    ESERVFAIL: 'fails to answer (SERVFAIL)',
    ENOTIMP: 'does not know the question (NOTIMP)',
    ETIMEOUT: 'does not answer (time-out)',
  };
  return words[code] ?? `gives no usable answer (${code})`;
}

/**
 * Whether this machine has a route to an address. Connecting a UDP socket asks the system only; nothing is sent.
 */
export function isRoutable(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    const answer = (routable: boolean) => (): void => {
      socket.close();
      resolve(routable);
    };
    socket.once('error', answer(false));
    // Not as a callback of connect(), which is called for an error as well.
    socket.once('connect', answer(true));
    socket.connect(53, address);
  });
}

async function ask<T>(question: () => Promise<T[]>): Promise<Answer<T>> {
  try {
    const values = await question();
    return values.length === 0 ? { kind: 'no data' } : { kind: 'values', values };
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENODATA':
        return { kind: 'no data' };
      case 'ENOTFOUND':
        return { kind: 'no name' };
      default:
        return { kind: 'failed', code: codeOf(error) || 'unknown error' };
    }
  }
}
