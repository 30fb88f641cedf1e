// The scripts that the script guide shows, called as the action calls them, against the servers they are for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repository } from '../rig/action-metadata.ts';
import { startBind } from '../rig/bind.ts';
import { txtAt } from '../rig/lookup.ts';
import { skipUnless } from '../rig/tools.ts';
import { tsigKey } from '../rig/zone.ts';
import { schemaFile, startPowerDns } from './powerdns.ts';

const zone = 'example.co.test';
const record = `_acme-challenge.www.${zone}`;

/** A server, and what its script needs to know of it. */
interface Host {
  readonly dnsServer: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What a wrong credential looks like in the environment. */
  readonly wrong: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

async function bindHost(): Promise<Host> {
  const key = tsigKey('acme');
  const address = '127.0.0.31';
  const server = await startBind({ address, zones: [{ name: zone, updateKey: key }] });
  return {
    dnsServer: address,
    environment: { DNS_SERVER: address, TSIG_NAME: key.name, TSIG_SECRET: key.secret },
    wrong: { TSIG_SECRET: tsigKey('acme').secret },
    stop: () => server.stop(),
  };
}

async function powerDnsHost(): Promise<Host> {
  const server = await startPowerDns(['co.test', zone]);
  return {
    dnsServer: server.dnsServer,
    environment: { PDNS_API_URL: server.apiUrl, PDNS_API_KEY: server.apiKey },
    wrong: { PDNS_API_KEY: 'wrong' },
    stop: () => server.stop(),
  };
}

const hosts: [script: string, needs: string | false, start: () => Promise<Host>][] = [
  ['nsupdate.sh', skipUnless('named', 'rndc', 'nsupdate', 'port 53'), bindHost],
  ['powerdns.py', skipUnless('pdns_server', 'python3') || skipUnlessSchema(), powerDnsHost],
];

for (const [script, skip, start] of hosts) {
  describe(`examples/scripts/${script}`, { skip }, () => {
    let host: Host;
    before(async () => {
      host = await start();
    });
    after(() => host?.stop());

    const call = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
      spawnSync(path.join(repository, 'examples', 'scripts', script), args, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, ...host.environment, ...environment },
      });
    const succeed = (...args: string[]): void => {
      const { status, stdout, stderr } = call(args, { EXEC_ZONE: zone });
      assert.equal(status, 0, stdout + stderr);
    };

    it('adds a value beside another, and removes one value alone', async () => {
      succeed('present', `${record}.`, 'first-value');
      succeed('present', `${record}.`, '-second_value');
      assert.deepEqual((await txtAt(host.dnsServer, record)).toSorted(), ['-second_value', 'first-value']);
      succeed('cleanup', `${record}.`, 'first-value');
      assert.deepEqual(await txtAt(host.dnsServer, record), ['-second_value']);
      succeed('cleanup', `${record}.`, '-second_value');
      assert.deepEqual(await txtAt(host.dnsServer, record), []);
    });

    it('removes what is gone already without an error', () => {
      succeed('cleanup', `${record}.`, 'never-set');
    });

    it('finds the zone by itself, as for lego', async () => {
      for (const [action, values] of [
        ['present', ['value']],
        ['cleanup', []],
      ] as const) {
        const { status, stdout, stderr } = call([action, `${record}.`, 'value']);
        assert.equal(status, 0, stdout + stderr);
        assert.deepEqual(await txtAt(host.dnsServer, record), values);
      }
    });

    it('tells its times', () => {
      assert.deepEqual(JSON.parse(call(['timeout']).stdout), { timeout: 120, interval: 2 });
    });

    it('fails, and says why, when the server refuses it', () => {
      const { status, stdout, stderr } = call(['present', `${record}.`, 'value'], {
        EXEC_ZONE: zone,
        ...host.wrong,
      });
      assert.notEqual(status, 0);
      assert.notEqual((stdout + stderr).trim(), '');
    });

    it('fails on a command that it does not know', () => {
      assert.notEqual(call(['remove', `${record}.`, 'value']).status, 0);
    });
  });
}

function skipUnlessSchema(): string | false {
  if (existsSync(schemaFile)) {
    return false;
  }
  const reason = `${schemaFile} is missing (Debian package pdns-backend-sqlite3).`;
  if (process.env.CI === 'true') {
    throw new Error(reason);
  }
  return reason;
}
