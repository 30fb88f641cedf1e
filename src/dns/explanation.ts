import { describeAnswer } from './propagation-table.ts';
import type { NameServer } from './query.ts';
import type { RecordLocation } from './record-location.ts';

/**
 * What each authoritative server says of a record now, for a CA that did not accept it: where all have it, the CA asked
 * too early or by another way.
 */
export async function describeNow(
  { name, zone }: RecordLocation,
  expected: string,
  resolvers: NameServer,
): Promise<string> {
  const servers = zone?.servers.map(({ host, address, ask }) => ({ label: `${host} ${address}`, ask })) ?? [];
  const asked = servers.length > 0 ? servers : [{ label: 'recursive resolvers', ask: resolvers }];
  const rows = await Promise.all(
    asked.map(async ({ label, ask }) => {
      const answer = await ask.txt(name);
      const isRight = answer.kind === 'values' && answer.values.includes(expected);
      return { isRight, line: `  ${label}  ${describeAnswer(answer, [expected])}` };
    }),
  );
  const verdict = rows.every(({ isRight }) => isRight)
    ? 'all have the right value now: the CA may have asked earlier, or other servers (anycast); try propagation-delay'
    : 'not all have the right value';
  return [`${name} now, expected "${expected}": ${verdict}`, ...rows.map(({ line }) => line)].join('\n');
}
