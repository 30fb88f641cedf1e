import type { Authorization } from '../acme/authorization.ts';
import type { DnsChallenge } from '../acme/challenge.ts';
import type { LocatedRecord } from '../dns/propagation.ts';
import type { RecordLocation, RecordLocator } from '../dns/record-location.ts';
import type { ScriptRecord } from '../script/arguments.ts';

/** A challenge with the record that answers it. */
export interface Proof {
  challenge: DnsChallenge;
  record: ScriptRecord;
  location: RecordLocation;
}

/** @throws Failure when the record's CNAME chain leads nowhere */
export async function proofOf(challenge: DnsChallenge, locator: RecordLocator): Promise<Proof> {
  const { authorization, token, keyAuthorization, value } = challenge;
  const domain = identifierOf(authorization);
  const location = await locator.locate(domain);
  const record: ScriptRecord = {
    fqdn: `${location.name}.`,
    value,
    domain,
    token,
    keyAuthorization,
    orderedName: authorization.orderedName,
    zone: location.zone?.name,
  };
  return { challenge, record, location };
}

/** The name that is proved, without `*.`. */
export function identifierOf({ object }: Authorization): string {
  return object.identifier.value.toLowerCase().replace(/^\*\./, '');
}

/** One expectation a record name, with all values that must stand there, in the order of their presentation. */
export function expectations(proofs: readonly Proof[]): LocatedRecord[] {
  const byName = new Map<string, LocatedRecord>();
  for (const { challenge, location } of proofs) {
    const known = byName.get(location.name);
    if (known === undefined) {
      const record = { name: location.name, values: [challenge.value], overwritten: [] };
      byName.set(location.name, { record, location });
    } else {
      known.record.values.push(challenge.value);
    }
  }
  return [...byName.values()];
}
