// Measures acme-exec beside its peers in one run, and writes the tables of docs/performance.md.
// npm run bench [-- --quick] (at most 10 names, no latency)
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createServer } from 'node:tls';
import { generateIdentity } from 'age-encryption';
import { startCaProxy } from '../../test/rig/ca-proxy.ts';
import { startChalltestsrv } from '../../test/rig/challtestsrv.ts';
import { removeFolder, temporaryFolder } from '../../test/rig/folder.ts';
import { startPebble } from '../../test/rig/pebble.ts';
import { type Contestant, contestants, runAction } from './contestants.ts';
import { measure } from './measure.ts';

const repository = path.join(import.meta.dirname, '..', '..');
const document = path.join(repository, 'docs', 'performance.md');
const isQuick = process.argv.includes('--quick');
const nameCounts = isQuick ? [1, 10] : [1, 10, 100];
const roundTrips = isQuick ? [0] : [0, 50];
const repetitions = 5;
/** Counts the runs, so that each has names of its own. */
let course = 0;

const dns = await startChalltestsrv();
const pebble = await startPebble({
  dnsServer: dns.dnsServer,
  env: { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '0', PEBBLE_AUTHZREUSE: '0' },
});
try {
  const tables = [await smallFigures(), ...(await race())].join('\n\n');
  console.log(`\n${tables}`);
  if (!isQuick) {
    const text = readFileSync(document, 'utf8');
    writeFileSync(
      document,
      text.replace(
        /(<!-- Measured by npm run bench\. -->)[\s\S]*(<!-- End of what was measured\. -->)/,
        `$1\n\n${tables}\n\n$2`,
      ),
    );
  }
} finally {
  await pebble.stop();
  await dns.stop();
}

/** One table for each round trip: a row for each number of names and contestant. */
async function race(): Promise<string[]> {
  const tables: string[] = [];
  for (const roundTripMs of roundTrips) {
    const rows: string[] = [];
    for (const count of nameCounts) {
      let own: number | undefined;
      for (const contestant of contestants) {
        const row = await raceOne(contestant, count, roundTripMs);
        if (row !== undefined) {
          own ??= row.seconds;
          rows.push(
            `| ${count} | ${contestant.name} | ${row.seconds.toFixed(2)} s | ${(row.seconds / own).toFixed(1)} | ${row.requests} | ${Math.round(row.megabytes)} MB | ${contestant.note} |`,
          );
        }
      }
    }
    tables.push(
      [
        `### Round trip to the CA: ${roundTripMs} ms`,
        '',
        '| names | | time | ratio | requests | memory | |',
        '|---|---|---|---|---|---|---|',
        ...rows,
      ].join('\n'),
    );
  }
  const missing = contestants.filter(({ run }) => run === undefined).map(({ name }) => name);
  return missing.length > 0 ? [...tables, `Not measured, as not installed: ${missing.join(', ')}.`] : tables;
}

async function raceOne(
  { name, run, mostNames }: Contestant,
  count: number,
  roundTripMs: number,
): Promise<{ seconds: number; requests: number; megabytes: number } | undefined> {
  if (run === undefined || count > mostNames) {
    return undefined;
  }
  course += 1;
  const domains = Array.from({ length: count }, (_, index) => `n${index}.course${course}.example`);
  const proxy = await startCaProxy({ ca: pebble, roundTripMs });
  try {
    const { seconds, megabytes } = await run({ ...proxy, ...placesOf(), domains });
    console.log(`${count} names, ${roundTripMs} ms: ${name} ${seconds.toFixed(2)} s`);
    return { seconds, megabytes, requests: proxy.count() };
  } finally {
    await proxy.stop();
  }
}

function placesOf(): { dnsServer: string; nameServerApi: string } {
  return { dnsServer: dns.dnsServer, nameServerApi: dns.managementUrl };
}

/** What a user waits for before anything is sent, and what is downloaded. */
async function smallFigures(): Promise<string> {
  const main = path.join(repository, 'dist', 'main', 'index.js');
  const bare = await median(async () => (await measure(process.execPath, ['-e', ''], {})).seconds);
  const badInput = await median(
    async () => (await measure(process.execPath, [main], { INPUT_DOMAINS: 'bad..example' }, 1)).seconds,
  );
  const firstRequest = await median(timeToFirstRequest);
  const idle = await idleRuns();
  return [
    '### Small figures',
    '',
    '| what | |',
    '|---|---|',
    `| Node alone, start to end | ${bare.toFixed(3)} s |`,
    `| start to the end of a run with a wrong input | ${badInput.toFixed(3)} s |`,
    `| start to the first request | ${firstRequest.toFixed(3)} s |`,
    `| a run in which nothing is due, from a store | ${idle.store.seconds.toFixed(3)} s, ${idle.store.requests} request |`,
    `| a run in which nothing is due, from the server (\`tls://\`) | ${idle.served.seconds.toFixed(3)} s, ${idle.served.requests} requests |`,
    `| a renewal of one name, with a stored account | ${idle.renewal.requests} requests |`,
    `| \`dist/main\` and \`dist/post\`, licences included | ${(folderSize('main') + folderSize('post')).toFixed(1)} MB |`,
  ].join('\n');
}

async function timeToFirstRequest(): Promise<number> {
  const proxy = await startCaProxy({ ca: pebble });
  const proxyStartedAt = performance.now();
  course += 1;
  try {
    const { startedAt } = await runAction({
      ...proxy,
      ...placesOf(),
      domains: [`first.course${course}.example`],
    });
    return (proxyStartedAt + (proxy.requests[0]?.at ?? 0) - startedAt) / 1000;
  } finally {
    await proxy.stop();
  }
}

interface Cost {
  seconds: number;
  requests: number;
}

/** Runs with a certificate that lasts, found in a store or at a server, and one renewal. */
async function idleRuns(): Promise<{ store: Cost; served: Cost; renewal: Cost }> {
  const proxy = await startCaProxy({ ca: pebble });
  const folder = temporaryFolder('bench');
  course += 1;
  const place = { ...proxy, ...placesOf(), domains: [`idle.course${course}.example`] };
  const output = path.join(folder, 'out');
  const store = {
    STORE: path.join(folder, 'store'),
    'STORE-KEY': await generateIdentity(),
    'OUTPUT-DIR': output,
  };
  const cost = async (inputs: Record<string, string>): Promise<Cost> => {
    const seconds = await median(async () => (await runAction(place, inputs)).seconds);
    const earlier = proxy.count();
    await runAction(place, inputs);
    return { seconds, requests: proxy.count() - earlier };
  };
  try {
    await runAction(place, store);
    const fromStore = await cost(store);
    const server = createServer({
      cert: readFileSync(path.join(output, 'fullchain.pem')),
      key: readFileSync(path.join(output, 'privkey.pem')),
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const at = `tls://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const served = await cost({ 'CURRENT-CERTIFICATE': at });
    server.close();
    const earlier = proxy.count();
    const { seconds } = await runAction(place, { ...store, FORCE: 'true' });
    return { store: fromStore, served, renewal: { seconds, requests: proxy.count() - earlier } };
  } finally {
    removeFolder(folder);
    await proxy.stop();
  }
}

async function median(sample: () => Promise<number>): Promise<number> {
  const samples: number[] = [];
  for (let index = 0; index < repetitions; index += 1) {
    samples.push(await sample());
  }
  return samples.sort((a, b) => a - b)[Math.floor(repetitions / 2)] as number;
}

/** In MB. */
function folderSize(name: string): number {
  const folder = path.join(repository, 'dist', name);
  const sizes = readdirSync(folder).map((file) => statSync(path.join(folder, file)).size);
  return sizes.reduce((sum, size) => sum + size, 0) / 1_000_000;
}
