import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { recordedCalls, script } from '../rig/scripts.ts';
import { requiredTool, skipUnless } from '../rig/tools.ts';

const domains = ['lego.example', '*.lego.example', 'www.other.example'];

/** What lego and this action call the same script with, for the same names at the same CA. */
describe('The calls of lego and of this action', { skip: skipUnless('lego') }, () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  function callsOfLego(mode: string): string[][] {
    const log = path.join(temporaryFolder('lego'), 'argv');
    const args = [
      ...['--server', ca.pebble.directoryUrl, '--accept-tos', '--email', 'test@lego.example'],
      ...['--path', temporaryFolder('lego'), '--dns', 'exec', '--dns.disable-cp'],
      ...['--dns.resolvers', ca.dns.dnsServer, ...domains.flatMap((domain) => ['--domains', domain]), 'run'],
    ];
    const result = spawnSync(requiredTool('lego'), args, {
      encoding: 'utf8',
      env: {
        ...process.env,
        ...scriptEnvironment(log, mode),
        EXEC_SEQUENCE_INTERVAL: '0',
        LEGO_CA_CERTIFICATES: ca.pebble.rootCertificate,
        EXEC_PATH: script('record-argv.sh'),
      },
    });
    assert.equal(result.status, 0, result.stderr);
    return recordedCalls(log);
  }

  async function callsOfAction(mode: string): Promise<string[][]> {
    const log = path.join(temporaryFolder('lego'), 'argv');
    const result = await ca.run(
      { domains: domains.join(' '), 'exec-path': script('record-argv.sh') },
      { env: scriptEnvironment(log, mode) },
    );
    assert.equal(result.exitCode, 0, result.stdout);
    return recordedCalls(log).filter(([command]) => command !== 'timeout');
  }

  function scriptEnvironment(log: string, mode: string): Record<string, string> {
    return {
      ARGV_LOG: log,
      EXEC_MODE: mode,
      THEN: script('challtestsrv.py'),
      CHALLTESTSRV: ca.dns.managementUrl,
    };
  }

  /** The calls without what differs by nature: tokens, key authorizations, values, and the order. */
  function shapes(calls: readonly string[][]): string[] {
    return calls
      .map((call) =>
        call
          .map((word) =>
            word.replace(/^[\w-]{43}\.[\w-]{43}$/, 'KEY-AUTHORIZATION').replace(/^[\w-]{43}$/, 'VALUE'),
          )
          .join(' '),
      )
      .sort();
  }

  test('have the same arguments in the default mode', async () => {
    const expected = shapes(callsOfLego(''));
    assert.deepEqual(shapes(await callsOfAction('')), expected);
    assert.ok(expected.includes('present _acme-challenge.lego.example. VALUE'));
  });

  test('have the same arguments in RAW mode', async () => {
    const expected = shapes(callsOfLego('RAW'));
    assert.deepEqual(shapes(await callsOfAction('RAW')), expected);
    assert.ok(expected.includes('present -- lego.example VALUE KEY-AUTHORIZATION'));
  });

  test('give RAW scripts a key authorization that begins with the token', async () => {
    for (const [, , , token = '', keyAuthorization = ''] of await callsOfAction('RAW')) {
      assert.equal(keyAuthorization.split('.')[0], token);
    }
  });

  test('give a value that is the digest of a key authorization of 43 characters', async () => {
    const digestLength = createHash('sha256').update('').digest('base64url').length;
    for (const [, , value = ''] of await callsOfAction('')) {
      assert.match(value, new RegExp(`^[\\w-]{${digestLength}}$`));
    }
  });
});
