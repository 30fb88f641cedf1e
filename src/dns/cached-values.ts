import type { NameServer } from './query.ts';
import type { RecordLocation } from './record-location.ts';
import { askTxtTtl } from './ttl.ts';

/** The longest that Let's Encrypt's resolvers remember an answer, and lego's pause between two names, in seconds. */
const longest = 60;

/**
 * For how long a CA's resolvers may remember the values that stand at some places now, in seconds.
 *
 * @param resolvers asked where there are no authoritative servers
 */
export async function rememberedFor(
  locations: readonly RecordLocation[],
  resolvers: NameServer,
): Promise<number> {
  const times = await Promise.all(
    locations.map(async ({ name, zone }) => {
      const authoritative = zone?.servers.flatMap(({ ask }) => ask.servers) ?? [];
      const servers = authoritative.length > 0 ? authoritative : resolvers.servers;
      const answers = await Promise.all(servers.map((server) => askTxtTtl(server, name)));
      const known = answers.filter((ttl) => ttl !== undefined);
      return known.length > 0 ? Math.max(...known) : longest;
    }),
  );
  return Math.min(Math.max(0, ...times), longest);
}
