import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** The TXT values of a name at one server, `address` or `address:port`; none is an empty array. */
export async function txtAt(server: string, name: string): Promise<string[]> {
  const records = await resolverOf(server).resolveTxt(name).catch(noneIfAbsent);
  return records.map((parts) => parts.join(''));
}

/** The serial of a zone at one server, or undefined while the server has no answer for it. */
export async function serialAt(server: string, zone: string): Promise<number | undefined> {
  const answer = await resolverOf(server)
    .resolveSoa(zone)
    .catch(() => undefined);
  return answer?.serial;
}

/** Waits until a server answers for all zones, which a secondary does once it has them from its primary. */
export async function answersFor(zones: readonly string[], server: string): Promise<void> {
  for (const zone of zones) {
    await until(
      async () => (await serialAt(server, zone)) !== undefined,
      `${server} has no answer for ${zone}`,
    );
  }
}

/** Waits until a secondary has what the primary has by now. */
export async function caughtUp(zone: string, secondary: string, primary: string): Promise<void> {
  const wanted = await serialAt(primary, zone);
  if (wanted === undefined) {
    throw new Error(`The primary ${primary} has no answer for ${zone}.`);
  }
  const reached = async () => ((await serialAt(secondary, zone)) ?? -1) >= wanted;
  await until(reached, `${secondary} did not reach serial ${wanted} of ${zone}`);
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isSo())) {
    if (Date.now() > deadline) {
      throw new Error(otherwise);
    }
    await sleep(20);
  }
}

function resolverOf(server: string): Resolver {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  resolver.setServers([server === '::1' ? '[::1]:53' : server]);
  return resolver;
}

function noneIfAbsent(error: NodeJS.ErrnoException): string[][] {
  if (error.code === 'ENODATA' || error.code === 'ENOTFOUND') {
    return [];
  }
  throw error;
}
