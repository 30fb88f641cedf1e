import { type Answer, describeFault } from './query.ts';
import type { ExpectedRecord, ServerWatch } from './server-watch.ts';
import type { AuthoritativeServer } from './zone.ts';

/** The state of the wait for the records of one zone. */
export interface WatchedZone {
  /** Undefined when only the resolvers are asked. */
  name: string | undefined;
  servers: AuthoritativeServer[];
  records: ExpectedRecord[];
  watches: ServerWatch[];
  complete: boolean;
}

const shownRecords = 10;

/** A table of servers and what each answered, for every record that is still missing somewhere. */
export function describePropagation(zones: readonly WatchedZone[]): string {
  const tables = zones.flatMap((zone) =>
    zone.records
      .filter((record) => zone.watches.some(({ missing }) => missing.includes(record)))
      .map((record) => describeRecord(zone, record)),
  );
  const more = tables.length - shownRecords;
  return [...tables.slice(0, shownRecords), ...(more > 0 ? [`… and ${more} more records.`] : [])].join('\n');
}

function describeRecord(zone: WatchedZone, record: ExpectedRecord): string {
  const rows = zone.watches.map(({ label, lastAnswers }): [string, string] => [
    `${label.host} ${label.address}`,
    describeAnswer(lastAnswers.get(record), record.values),
  ]);
  const width = Math.max(...rows.map(([server]) => server.length));
  const place = zone.name === undefined ? '' : ` (zone ${zone.name})`;
  const expected = record.values.map((value) => `"${value}"`).join(' and ');
  return [
    `${record.name}${place}, expected ${expected}`,
    ...rows.map(([server, answer]) => `  ${server.padEnd(width)}  ${answer}`),
  ].join('\n');
}

/** One answer in a table, and whether it holds all expected values. */
export function describeAnswer(answer: Answer<string> | undefined, expected: readonly string[]): string {
  switch (answer?.kind) {
    case undefined:
      return 'no answer';
    case 'no name':
      return 'no such name (NXDOMAIN)';
    case 'no data':
      return 'no TXT record';
    case 'failed':
      return describeFault(answer.code);
    case 'values': {
      const missing = expected.filter((value) => !answer.values.includes(value));
      const shown = answer.values.slice(0, 5).map((value) => JSON.stringify(value));
      const more = answer.values.length > 5 ? ` and ${answer.values.length - 5} more` : '';
      return `${shown.join(', ')}${more}${missing.length === 0 ? ' (right)' : ''}`;
    }
  }
}

/** What to do, judged from the answers. */
export function propagationAdvice(zones: readonly WatchedZone[]): string {
  const answers = zones.flatMap((zone) =>
    zone.watches.flatMap(({ lastAnswers }) =>
      [...lastAnswers].map(([record, answer]) => ({ record, answer })),
    ),
  );
  const quotedValue = answers.some(
    ({ record, answer }) =>
      answer.kind === 'values' && record.values.some((value) => answer.values.includes(`"${value}"`)),
  );
  if (quotedValue) {
    return 'The value stands there with quotation marks around it: the script adds quotes that its DNS host adds as well. Remove them in the script.';
  }
  const seenSomewhere = answers.some(
    ({ record, answer }) =>
      answer.kind === 'values' && record.values.every((value) => answer.values.includes(value)),
  );
  if (seenSomewhere) {
    return 'Some servers have it: allow more time with exec-propagation-timeout, or look at the transfers between the servers.';
  }
  return zones.some(isDeniedByResolvers)
    ? 'Resolvers remember for a while that a name did not exist. Let this machine reach the authoritative servers at port 53, or use propagation-check: none with a propagation-delay.'
    : 'No server has it: check that the script really sets this name and value (an exit code of 0 is no proof), or allow more time with exec-propagation-timeout.';
}

/** Whether the resolvers, asked in place of servers that do not answer, deny the name, maybe since they were asked for its alias. */
function isDeniedByResolvers({ servers, watches }: WatchedZone): boolean {
  const standIn = servers.length > 0 ? watches[servers.length] : undefined;
  return [...(standIn?.lastAnswers.values() ?? [])].some(({ kind }) => kind === 'no name');
}
