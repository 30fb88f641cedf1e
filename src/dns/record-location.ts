import { Failure } from '../failure.ts';
import type { Answer } from './query.ts';
import type { NoZone, Zone, ZoneFinder } from './zone.ts';

/** Where the TXT record of a challenge really stands. */
export interface RecordLocation {
  /** The end of the CNAME chain, without a final dot. */
  name: string;
  zone: Zone | undefined;
  /** Why the authoritative servers cannot be asked; undefined when they can. */
  fault: string | undefined;
}

/** Resolvers give up at about this many links, and so do CAs. */
const longestChain = 16;

/**
 * Follows the CNAME chain of a record name (DNAMEs appear in it as CNAMEs, RFC 6672 section 3.1) and finds the zone at
 * its end. Authoritative servers are asked for each link, so that no resolver learns that the name is not there yet.
 *
 * @throws Failure when the chain is a loop or too long
 */
export async function locateRecord(recordName: string, finder: ZoneFinder): Promise<RecordLocation> {
  const chain = [recordName];
  for (;;) {
    const name = chain.at(-1) as string;
    const zone = await finder.zoneAbove(name);
    const answer = await askForAlias(name, zone, finder);
    const target = answer.kind === 'values' ? answer.values[0] : undefined;
    if (target === undefined || (await isWildcardAlias(name, target, zone, finder))) {
      // Where the name exists it may be a zone of its own: then its parent's servers have no data, only a referral.
      const own = answer.kind === 'no data' ? await finder.zoneAt(name) : undefined;
      return { name, ...place(own ?? zone) };
    }
    if (chain.includes(target) || chain.length > longestChain) {
      throw new Failure(
        'CNAME loop',
        `${recordName} leads into a ${chain.includes(target) ? 'loop' : 'chain that is too long'}: ${[...chain, target].join(' → ')}`,
        'Mend the CNAME records; no CA can find a TXT record at their end.',
      );
    }
    chain.push(target);
  }
}

/** Finds the places of challenge records, each name once in a run. */
export class RecordLocator {
  readonly #finder: ZoneFinder;
  readonly #locations = new Map<string, Promise<RecordLocation>>();

  constructor(finder: ZoneFinder) {
    this.#finder = finder;
  }

  /**
   * @param domain without `*.`
   * @param label of the challenge: `_acme-challenge` (RFC 8555 section 8.4)
   * @throws Failure when the CNAME chain is a loop or too long
   */
  locate(domain: string, label = '_acme-challenge'): Promise<RecordLocation> {
    const name = `${label}.${domain}`;
    const known = this.#locations.get(name);
    if (known !== undefined) {
      return known;
    }
    const location = locateRecord(name, this.#finder);
    this.#locations.set(name, location);
    return location;
  }
}

/** The CNAME of a name, by its zone's servers, or by the resolvers where those cannot be asked. */
async function askForAlias(name: string, zone: Zone | NoZone, finder: ZoneFinder): Promise<Answer<string>> {
  const answer = 'fault' in zone ? undefined : await askAny(zone, name);
  return answer ?? (await finder.resolvers.cname(name));
}

/**
 * Whether an alias comes from a wildcard (RFC 4592), which has the same for any name beside it. Such a one is not
 * followed: it ends when the script sets a record at the name.
 */
async function isWildcardAlias(
  name: string,
  target: string,
  zone: Zone | NoZone,
  finder: ZoneFinder,
): Promise<boolean> {
  const answer = await askForAlias(name.replace(/^[^.]+/, '*'), zone, finder);
  return answer.kind === 'values' && answer.values.includes(target);
}

/** The first usable answer of a zone's servers, or undefined when none of them has one. */
async function askAny(zone: Zone, name: string): Promise<Answer<string> | undefined> {
  const questions = zone.servers.map(async ({ ask }) => {
    const answer = await ask.cname(name);
    if (answer.kind === 'failed') {
      throw new Error(answer.code);
    }
    return answer;
  });
  return await Promise.any(questions).catch(() => undefined);
}

function place(zone: Zone | NoZone): Pick<RecordLocation, 'zone' | 'fault'> {
  if ('fault' in zone) {
    return { zone: undefined, fault: zone.fault };
  }
  if (zone.servers.length === 0) {
    return {
      zone,
      fault: `no name server of the zone ${zone.name} has an address that this machine can reach`,
    };
  }
  return { zone, fault: undefined };
}
