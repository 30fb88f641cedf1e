import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { removeFolder, temporaryFolder } from './folder.ts';
import { answersFor, caughtUp, txtAt } from './lookup.ts';
import { run, startServer } from './process.ts';
import { requiredTool } from './tools.ts';
import { keysOf, type NameServer, type Zone, zoneFile } from './zone.ts';

/** Starts Knot as an authoritative server on port 53. Secondaries have their zones when it returns. */
export async function startKnot({
  address,
  zones,
}: {
  /** A loopback address: 127.0.0.2 and so on, or ::1. */
  readonly address: string;
  readonly zones: readonly Zone[];
}): Promise<NameServer> {
  const folder = temporaryFolder('knot');
  for (const zone of zones) {
    if (zone.type !== 'secondary') {
      writeFileSync(path.join(folder, `${zone.name}.zone`), zoneFile(zone, address));
    }
  }
  const file = path.join(folder, 'knot.conf');
  writeFileSync(file, configuration(folder, address, zones), { mode: 0o600 });
  const server = await startServer({
    name: `knotd at ${address}`,
    command: requiredTool('knotd'),
    args: ['-c', file],
    cwd: folder,
    ready: /server started/,
  });
  const stop = async () => {
    await server.stop();
    removeFolder(folder);
  };
  try {
    await answersFor(
      zones.map(({ name }) => name),
      address,
    );
  } catch (error) {
    await stop();
    throw new Error(`knotd at ${address}, last lines:\n${server.lines.slice(-20).join('\n')}`, {
      cause: error,
    });
  }
  return {
    address,
    log: server.lines,
    txt: (name) => txtAt(address, name),
    refresh: async (name) => {
      await run(requiredTool('knotc'), ['-c', file, 'zone-retransfer', name]);
      const zone = zones.find((candidate) => candidate.name === name);
      await caughtUp(name, address, zone?.primaries?.[0] ?? address);
    },
    stop,
  };
}

/** Small databases: Knot reserves gigabytes for each otherwise, which not every container grants. */
function configuration(folder: string, address: string, zones: readonly Zone[]): string {
  const remotes = [...new Set(zones.flatMap(({ primaries = [], notify = [] }) => [...primaries, ...notify]))];
  const remoteId = (remote: string) => `remote-${remotes.indexOf(remote)}`;
  const local = 'address: [127.0.0.0/8, "::1"]';
  return [
    `server:\n  rundir: "${folder}"\n  pidfile: "${folder}/knot.pid"\n  listen: "${address}@53"`,
    '  udp-workers: 1\n  tcp-workers: 1\n  background-workers: 1',
    `control:\n  listen: "${folder}/knot.sock"`,
    'log:\n  - target: stdout\n    any: info',
    `database:\n  storage: "${folder}"\n  journal-db-max-size: 64M\n  timer-db-max-size: 8M`,
    '  kasp-db-max-size: 8M\n  catalog-db-max-size: 8M',
    section(
      'key',
      keysOf(zones).map(({ name, algorithm, secret }) => [
        name,
        `algorithm: ${algorithm}`,
        `secret: ${secret}`,
      ]),
    ),
    section('acl', [
      ['transfer', local, 'action: [transfer, notify]'],
      ['update-local', local, 'action: update'],
      ...keysOf(zones).map(({ name }) => [`update-${name}`, `key: ${name}`, 'action: update']),
    ]),
    section(
      'remote',
      remotes.map((remote) => [remoteId(remote), `address: "${remote}@53"`]),
    ),
    section('template', [['default', `storage: "${folder}"`, 'semantic-checks: off', 'file: "%s.zone"']]),
    'zone:',
    ...zones.map((zone) => {
      const { name, primaries = [], notify = [], update = 'local', updateKey } = zone;
      const updaters =
        updateKey === undefined ? update === 'local' && ['update-local'] : [`update-${updateKey.name}`];
      return [
        `  - domain: "${name}"`,
        `    acl: [${['transfer', ...(updaters || [])].join(', ')}]`,
        ...(primaries.length > 0 ? [`    master: [${primaries.map(remoteId).join(', ')}]`] : []),
        ...(notify.length > 0 ? [`    notify: [${notify.map(remoteId).join(', ')}]`] : []),
      ].join('\n');
    }),
  ].join('\n');
}

/** A section of Knot's configuration, left out when it is empty. */
function section(name: string, items: readonly (readonly string[])[]): string {
  const lines = items.flatMap(([id = '', ...fields]) => [
    `  - id: "${id}"`,
    ...fields.map((field) => `    ${field}`),
  ]);
  return lines.length === 0 ? '' : `${name}:\n${lines.join('\n')}`;
}
