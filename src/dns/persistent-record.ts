/** What a CA wants to see in the record of a dns-persist-01 challenge (draft-ietf-acme-dns-persist). */
export interface PersistentProof {
  /** The CA's names; one of them must be in the record. */
  issuers: readonly string[];
  /** Compared as a string. */
  accountUri: string;
  /** Whether the record must allow wildcards. */
  wildcard: boolean;
}

/** A record that ends sooner than this counts as missing, in milliseconds: the next renewals would fail. */
const shortestRest = 7 * 86_400_000;

/** The record's value, for the first of the CA's names. */
export function persistentValue({ issuers, accountUri, wildcard }: PersistentProof): string {
  return [issuers[0], `accounturi=${accountUri}`, ...(wildcard ? ['policy=wildcard'] : [])].join('; ');
}

/** Whether a TXT value proves what the CA wants, for some time to come. */
export function isPersistentProof(value: string, proof: PersistentProof, now: Date): boolean {
  const [issuer = '', ...pairs] = value.split(';').map((part) => part.trim());
  const parameters = new Map(
    pairs.map((pair): [string, string] => {
      const equals = pair.indexOf('=');
      return [pair.slice(0, Math.max(equals, 0)).trim().toLowerCase(), pair.slice(equals + 1).trim()];
    }),
  );
  const until = parameters.get('persistuntil');
  const lasts =
    until === undefined || (/^\d+$/.test(until) && Number(until) * 1000 > now.getTime() + shortestRest);
  const coversWildcard = !proof.wildcard || parameters.get('policy')?.toLowerCase() === 'wildcard';
  return (
    proof.issuers.includes(issuer) &&
    parameters.get('accounturi') === proof.accountUri &&
    coversWildcard &&
    lasts
  );
}
