import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { startChalltestsrv } from '../rig/challtestsrv.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { freeAddress } from '../rig/ports.ts';
import { startResolver, type TestResolver } from '../rig/resolver.ts';
import { type ActionResult, runAction, runPost, startAction } from '../rig/runner.ts';
import { script } from '../rig/scripts.ts';
import { skipUnless } from '../rig/tools.ts';
import type { NameServer } from '../rig/zone.ts';

describe('The check action', { skip: skipUnless('named', 'nsupdate', 'port 53') }, () => {
  let primary: NameServer;
  let secondary: NameServer;
  let resolver: TestResolver;
  const record = '_acme-challenge.check.test';

  before(async () => {
    const [one, two] = [await freeAddress(), await freeAddress()];
    const records = ['@ NS ns1', '@ NS ns2', `ns1 A ${one}`, `ns2 A ${two}`];
    primary = await startBind({ address: one, zones: [{ name: 'check.test', records, notify: [two] }] });
    secondary = await startBind({
      address: two,
      zones: [{ name: 'check.test', type: 'secondary', primaries: [one] }],
    });
    const servers = [
      { name: 'ns1.check.test', addresses: [one] },
      { name: 'ns2.check.test', addresses: [two] },
    ];
    resolver = await startResolver({ zones: [{ name: 'check.test', servers }] });
  });
  after(async () => {
    await resolver.stop();
    await secondary.stop();
    await primary.stop();
  });

  function inputsFor(program: string): Record<string, string> {
    return {
      domains: 'check.test *.check.test',
      'exec-path': program,
      'dns-resolvers': resolver.server,
      'exec-polling-interval': '0.2',
      'exec-propagation-timeout': '4',
    };
  }

  function check(program: string): Promise<ActionResult> {
    return runAction({ action: 'check', inputs: inputsFor(program), env: { DNS_SERVER: primary.address } });
  }

  test('passes a script that adds and removes single values, and leaves nothing', async () => {
    const result = await check(script('nsupdate.sh'));
    assert.equal(result.outputs.ok, 'true', result.stdout);
    assert.equal(result.exitCode, 0);
    assert.deepEqual(await primary.txt(record), []);
  });

  test('names each authoritative server in its table, and proposes settings', async () => {
    const result = await check(script('nsupdate.sh'));
    for (const address of [primary.address, secondary.address]) {
      assert.match(result.summary, new RegExp(`ns[12]\\.check\\.test ${address} shows it after \\d`));
    }
    assert.equal(Number(result.outputs['propagation-timeout']), 30);
    assert.ok(Number(result.outputs.concurrency) >= 1);
  });

  test('finds a script that replaces the record instead of adding a value', async () => {
    const result = await check(script('nsupdate-overwriting.sh'));
    assert.equal(result.outputs.ok, 'false', result.stdout);
    assert.match(result.annotations.at(-1)?.message ?? '', /present second: the first value is gone\./);
  });

  test('finds a script that removes the whole record at cleanup', async () => {
    const folder = temporaryFolder('check');
    const program = path.join(folder, 'dns.sh');
    const body = `#!/bin/sh
[ "$1" != timeout ] || exit 1
[ "$1" != present ] || exec "${script('nsupdate.sh')}" "$@"
printf 'server %s\\nupdate delete %s TXT\\nsend\\n' "$DNS_SERVER" "$2" | nsupdate
`;
    writeFileSync(program, body);
    chmodSync(program, 0o755);
    const result = await check(program);
    assert.match(
      result.annotations.at(-1)?.message ?? '',
      /clean up first: the second value is gone as well\./,
    );
  });

  test('finds a script that ends with 0 and does nothing', async () => {
    const result = await check(script('lying.sh'));
    assert.match(
      result.annotations.at(-1)?.message ?? '',
      /present first: the script ended with 0, but no server shows the value\./,
    );
  });

  test('shows what a failing script said, and tries its name no further', async () => {
    const result = await check(script('failing.sh'));
    const message = result.annotations.at(-1)?.message ?? '';
    assert.match(message, /present first: check\.test: the script's present ended with exit code \d+/);
    assert.doesNotMatch(result.stdout, /clean up second/);
  });

  test('that is killed leaves its records to the post step', async () => {
    const started = startAction({
      action: 'check',
      inputs: inputsFor(script('nsupdate.sh')),
      env: { DNS_SERVER: primary.address },
      signalAfter: { line: /^check\.test \| present/, signal: 'SIGKILL' },
    });
    const previous = await started.result;
    assert.equal(previous.signal, 'SIGKILL');
    const post = await runPost({ previous, inputs: false });
    assert.equal(post.exitCode, 0, post.stdout);
    assert.deepEqual(await primary.txt(record), []);
  });
});

describe('The check action in RAW mode', () => {
  test('gives the script a token and a key authorization of its own', async () => {
    const dns = await startChalltestsrv();
    try {
      const result = await runAction({
        action: 'check',
        inputs: {
          domains: 'raw.example',
          'exec-path': script('challtestsrv.py'),
          'exec-mode': 'RAW',
          'dns-resolvers': dns.dnsServer,
          'exec-propagation-timeout': '3',
        },
        env: { CHALLTESTSRV: dns.managementUrl },
      });
      // The server of this test drops all values of a name at once, which the check must notice.
      assert.match(result.stdout, /present second: exit code 0 .*other value kept/);
      assert.match(
        result.annotations.at(-1)?.message ?? '',
        /clean up first: the second value is gone as well\./,
      );
    } finally {
      await dns.stop();
    }
  });
});

describe('npm run check', () => {
  test('tries a script from a shell, and ends with the verdict as exit code', async () => {
    const dns = await startChalltestsrv();
    try {
      const args = [
        '--exec-path',
        script('challtestsrv.py'),
        '--dns-resolvers',
        dns.dnsServer,
        'laptop.example',
      ];
      const program = path.join(import.meta.dirname, '../../scripts/check.mjs');
      const result = spawnSync(process.execPath, [program, ...args], {
        encoding: 'utf8',
        env: { ...process.env, CHALLTESTSRV: dns.managementUrl, EXEC_PROPAGATION_TIMEOUT: '3' },
      });
      assert.equal(result.status, 1, result.stderr);
      assert.match(result.stdout, /^_acme-challenge\.laptop\.example \(zone unknown\)$/m);
      assert.match(result.stdout, /^ERROR: The script needs mending$/m);
      assert.doesNotMatch(result.stdout, /^::/m);
    } finally {
      await dns.stop();
    }
  });
});
