import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { removeFolder, temporaryFolder } from '../rig/folder.ts';
import { freePort } from '../rig/ports.ts';
import { listens, startServer } from '../rig/process.ts';
import { requiredTool } from '../rig/tools.ts';

/** Debian's package pdns-backend-sqlite3 brings it. */
export const schemaFile = '/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql';

export interface PowerDns {
  /** `address:port` of its DNS server. */
  readonly dnsServer: string;
  readonly apiUrl: string;
  readonly apiKey: string;
  stop(): Promise<void>;
}

/** Starts a PowerDNS with its HTTP API and these zones. */
export async function startPowerDns(zones: readonly string[]): Promise<PowerDns> {
  const folder = temporaryFolder('powerdns');
  const database = path.join(folder, 'zones.sqlite3');
  const made = new DatabaseSync(database);
  made.exec(readFileSync(schemaFile, 'utf8'));
  made.close();
  const [dnsPort, apiPort] = [await freePort(), await freePort()];
  const apiKey = randomBytes(16).toString('hex');
  const settings = {
    'config-dir': folder,
    'socket-dir': folder,
    daemon: 'no',
    guardian: 'no',
    launch: 'gsqlite3',
    'gsqlite3-database': database,
    'local-address': '127.0.0.1',
    'local-port': dnsPort,
    'cache-ttl': 0,
    'negquery-cache-ttl': 0,
    'query-cache-ttl': 0,
    'zone-cache-refresh-interval': 0,
    'security-poll-suffix': '',
    api: 'yes',
    'api-key': apiKey,
    webserver: 'yes',
    'webserver-address': '127.0.0.1',
    'webserver-port': apiPort,
  };
  const server = await startServer({
    name: 'PowerDNS',
    command: requiredTool('pdns_server'),
    args: Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    cwd: folder,
    ready: async () => (await listens(apiPort)) && (await listens(dnsPort)),
  });
  const apiUrl = `http://127.0.0.1:${apiPort}`;
  for (const zone of zones) {
    const answer = await fetch(`${apiUrl}/api/v1/servers/localhost/zones`, {
      method: 'POST',
      headers: { 'X-API-Key': apiKey },
      body: JSON.stringify({ name: `${zone}.`, kind: 'Native', nameservers: [`ns.${zone}.`] }),
    });
    if (!answer.ok) {
      throw new Error(`PowerDNS made no zone ${zone}: ${await answer.text()}`);
    }
  }
  return {
    dnsServer: `127.0.0.1:${dnsPort}`,
    apiUrl,
    apiKey,
    stop: async () => {
      await server.stop();
      removeFolder(folder);
    },
  };
}
