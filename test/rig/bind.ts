import { answersFor, caughtUp, txtAt } from './lookup.ts';
import { startNamed } from './named.ts';
import { keysOf, type NameServer, type TsigKey, type Zone, zoneFile } from './zone.ts';

export interface BindStart {
  /** A loopback address: 127.0.0.2 and so on, or ::1. */
  readonly address: string;
  readonly zones: readonly Zone[];
  /** `none` has every question answered with REFUSED. */
  readonly allowQuery?: 'any' | 'none';
}

/** Starts BIND as an authoritative server on port 53. Secondaries have their zones when it returns. */
export async function startBind({ address, zones, allowQuery = 'any' }: BindStart): Promise<NameServer> {
  const primaries = zones.filter(({ type }) => type !== 'secondary');
  const named = await startNamed({
    address,
    port: 53,
    options: [
      `recursion no; allow-query { ${allowQuery}; }; allow-transfer { any; };`,
      // Change and notice as fast as a test, not as gently as a public server.
      'notify-delay 0; notify-rate 1000; startup-notify-rate 1000; serial-query-rate 1000;',
    ],
    statements: [...keysOf(zones).map(keyStatement), ...zones.map(zoneStatement)],
    files: Object.fromEntries(primaries.map((zone) => [fileOf(zone), zoneFile(zone, address)])),
  });
  try {
    await answersFor(allowQuery === 'any' ? zones.map(({ name }) => name) : [], address);
  } catch (error) {
    await named.stop();
    throw new Error(`named at ${address}, last lines:\n${named.log.slice(-20).join('\n')}`, { cause: error });
  }
  return {
    address,
    log: named.log,
    txt: (name) => txtAt(address, name),
    refresh: async (name) => {
      await named.control('retransfer', name);
      const zone = zones.find((candidate) => candidate.name === name);
      await caughtUp(name, address, zone?.primaries?.[0] ?? address);
    },
    stop: () => named.stop(),
  };
}

function keyStatement({ name, algorithm, secret }: TsigKey): string {
  return `key "${name}" { algorithm ${algorithm}; secret "${secret}"; };`;
}

function zoneStatement(zone: Zone): string {
  const { name, type = 'primary', primaries = [], notify = [], update = 'local', updateKey } = zone;
  const list = (addresses: readonly string[]) => addresses.map((address) => `${address};`).join(' ');
  const common = `zone "${name}" { type ${type}; file "${fileOf(zone)}";`;
  if (type === 'secondary') {
    // The notice comes through a relay, so not from the primary's own address.
    return `${common} primaries { ${list(primaries)} }; notify no; allow-notify { 127.0.0.0/8; ::1; }; };`;
  }
  const local = update === 'local' ? '127.0.0.0/8; ::1;' : 'none;';
  const updaters = updateKey === undefined ? local : `key "${updateKey.name}";`;
  const told = notify.length === 0 ? 'notify no;' : `notify explicit; also-notify { ${list(notify)} };`;
  return `${common} allow-update { ${updaters} }; ${told} };`;
}

function fileOf({ name }: Zone): string {
  return `${name === '.' ? 'root' : name}.zone`;
}
