import { randomBytes } from 'node:crypto';

/** A key for dynamic updates. */
export interface TsigKey {
  readonly name: string;
  readonly algorithm: 'hmac-sha256';
  /** Base64. */
  readonly secret: string;
}

/** A zone of a name server. */
export interface Zone {
  /** Without the trailing dot. */
  readonly name: string;
  /** A primary by default. A secondary takes its records from `primaries`. */
  readonly type?: 'primary' | 'secondary';
  /**
   * Zone-file lines, names relative to the zone. Without an SOA among them, one is made; without an NS of the zone,
   * `ns` with the server's own address.
   */
  readonly records?: readonly string[];
  /** Addresses of the servers that a secondary takes the zone from. */
  readonly primaries?: readonly string[];
  /** Addresses of secondaries that a primary tells at once about every change; all others lag until `refresh()`. */
  readonly notify?: readonly string[];
  /** Who may update: `local`, the default, is anyone on this machine; with `updateKey`, only who signs with it. */
  readonly update?: 'local' | 'none';
  readonly updateKey?: TsigKey;
}

/** A started name server. */
export interface NameServer {
  /** Its address; the port is 53. */
  readonly address: string;
  /** Its own log, the last lines. */
  readonly log: readonly string[];
  /** The TXT values of a name, as this server answers them; none is an empty array. */
  txt(name: string): Promise<string[]>;
  /** Has a secondary take the zone from its primary now. */
  refresh(zone: string): Promise<void>;
  stop(): Promise<void>;
}

/** A new key for dynamic updates. */
export function tsigKey(name: string): TsigKey {
  return { name, algorithm: 'hmac-sha256', secret: randomBytes(32).toString('base64') };
}

/** The key as `nsupdate -y` takes it. */
export function nsupdateKey({ algorithm, name, secret }: TsigKey): string {
  return `${algorithm}:${name}:${secret}`;
}

/** All keys of some zones, each once. */
export function keysOf(zones: readonly Zone[]): TsigKey[] {
  const keys = zones.flatMap(({ updateKey }) => (updateKey === undefined ? [] : [updateKey]));
  return [...new Map(keys.map((key) => [key.name, key])).values()];
}

/**
 * The text of a primary's zone file. The times are short, so that a resolver forgets quickly, but for the refresh, so
 * that a secondary that is not notified lags for as long as a test wants.
 */
export function zoneFile({ name, records = [] }: Zone, address: string): string {
  const lines = [`$ORIGIN ${name === '.' ? '' : name}.`, '$TTL 1'];
  if (!records.some((line) => /\sSOA\s/i.test(line))) {
    lines.push('@ SOA ns hostmaster 1 86400 86400 864000 1');
  }
  if (!records.some((line) => /^@(\s+\d+)?(\s+IN)?\s+NS\s/i.test(line))) {
    lines.push('@ NS ns', `ns ${addressType(address)} ${address}`);
  }
  return `${[...lines, ...records].join('\n')}\n`;
}

/** The type of the record that holds an address. */
export function addressType(address: string): 'A' | 'AAAA' {
  return address.includes(':') ? 'AAAA' : 'A';
}
