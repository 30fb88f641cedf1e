import type { CaaRecord } from 'node:dns';
import type { Log } from '../log.ts';
import { inParallel } from '../parallel.ts';
import type { NameServer } from './query.ts';

/** A CAA record set that does not name the CA. */
export interface CaaObstacle {
  /** The name that was to be certified. */
  domain: string;
  /** Where the records stand: the name itself or one above it. */
  at: string;
  /** The CAs that they do allow; empty: none. */
  allowed: string[];
}

/**
 * Whether CAA records forbid a CA to issue for a name (RFC 8659 section 3: the closest set up the tree decides).
 *
 * @param domain as ordered, with `*.` for a wildcard
 * @param identities the CA's names in CAA records, from its directory
 * @returns undefined when nothing forbids it, or the records cannot be read
 */
export async function findCaaObstacle(
  domain: string,
  identities: readonly string[],
  resolvers: NameServer,
): Promise<CaaObstacle | undefined> {
  const isWildcard = domain.startsWith('*.');
  const labels = domain.replace(/^\*\./, '').split('.');
  const names = labels.map((_, index) => labels.slice(index).join('.'));
  const answers = await Promise.all(names.map((name) => resolvers.caa(name)));
  for (const [index, answer] of answers.entries()) {
    if (answer.kind === 'failed') {
      return undefined;
    }
    if (answer.kind === 'values') {
      const allowed = allowedIssuers(answer.values, isWildcard);
      const isAllowed =
        allowed === undefined || identities.some((identity) => allowed.includes(identity.toLowerCase()));
      return isAllowed
        ? undefined
        : { domain, at: names[index] as string, allowed: (allowed ?? []).filter(Boolean) };
    }
  }
  return undefined;
}

/** One sentence. */
function describeCaaObstacle({ domain, at, allowed }: CaaObstacle): string {
  const whom = allowed.length === 0 ? 'no CA at all' : allowed.join(', ');
  return `${domain}: the CAA records at ${at} allow ${whom}, not this CA`;
}

/** The issuers of a record set, parameters cut off; undefined when it restricts nobody (RFC 8659 sections 4.2, 4.3). */
function allowedIssuers(records: readonly CaaRecord[], isWildcard: boolean): string[] | undefined {
  const of = (tag: 'issue' | 'issuewild'): string[] =>
    records.flatMap((record) => {
      const issuer = record[tag];
      return issuer === undefined ? [] : [(issuer.split(';')[0] ?? '').trim().toLowerCase()];
    });
  const wild = isWildcard ? of('issuewild') : [];
  const issuers = wild.length > 0 ? wild : of('issue');
  return issuers.length > 0 ? issuers : undefined;
}

/** Names that one warning tells. */
const mostTold = 10;

/** Tells, as a warning, which names have CAA records that forbid the CA. Never throws. */
export async function warnAboutCaa(
  domains: readonly string[],
  identities: readonly string[],
  resolvers: NameServer,
  log: Log,
): Promise<void> {
  const obstacles = await inParallel(domains.length, domains, (domain) =>
    findCaaObstacle(domain, identities, resolvers),
  );
  const told = obstacles.flatMap((obstacle) =>
    obstacle === undefined ? [] : [describeCaaObstacle(obstacle)],
  );
  if (told.length > 0) {
    log.warning(
      'CAA records forbid this CA',
      `${told.slice(0, mostTold).join('\n')}\nAdd a CAA record with ${identities.join(' or ')}, or choose another CA.`,
    );
  }
}
