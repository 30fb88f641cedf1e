// Authoritative servers that give no usable answer.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { delegated, type NameSpace, nameServers, startNameSpace } from '../rig/name-space.ts';
import { type Named, startNamed } from '../rig/named.ts';
import { freePort } from '../rig/ports.ts';
import { script } from '../rig/scripts.ts';
import { type SilentServer, startRefusingServer, startSilentServer } from '../rig/silent-server.ts';
import { skipUnless } from '../rig/tools.ts';
import { type NameServer, zoneFile } from '../rig/zone.ts';

const bindAddress = '127.0.53.1';
const refusingAddress = '127.0.53.2';
const silentAddress = '127.0.53.3';
const limitingAddress = '127.0.53.4';
const skip = skipUnless('go', 'named', 'rndc', 'named-checkconf', 'nsupdate', 'port 53');

describe('Propagation', { skip }, () => {
  let space: NameSpace;
  let bind: NameServer;
  let refusing: NameServer;
  let silent: SilentServer;
  let limiting: Named;
  let behindFirewall: { server: string; named: Named };

  before(async () => {
    bind = await startBind({
      address: bindAddress,
      zones: [
        { name: 'silent.test', records: nameServers(bindAddress, silentAddress) },
        { name: 'refusing.test', records: nameServers(bindAddress, refusingAddress) },
        { name: 'dark.test', records: ['@ NS ns.elsewhere.test.'] },
        { name: 'elsewhere.test', records: nameServers(bindAddress) },
      ],
    });
    refusing = await startRefusingServer(refusingAddress);
    silent = await startSilentServer(silentAddress);
    limiting = await startLimitingServer();
    space = await startNameSpace({
      root: '127.0.53.253',
      zones: [
        delegated('silent.test', bindAddress, silentAddress),
        delegated('refusing.test', bindAddress, refusingAddress),
        { name: 'dark.test', servers: [{ name: 'ns.elsewhere.test' }] },
        delegated('elsewhere.test', bindAddress),
        delegated('limiting.test', limitingAddress),
      ],
    });
    behindFirewall = await startForwarder(space.resolver.server);
  });
  after(() =>
    Promise.all([space, behindFirewall?.named, bind, refusing, silent, limiting].map((one) => one?.stop())),
  );

  const run = (domains: string, inputs: Readonly<Record<string, string>> = {}, primary = bindAddress) =>
    space.run({
      primary,
      inputs: { domains, 'exec-propagation-timeout': '4', ...inputs },
    });

  for (const [what, zone, address, words] of [
    ['does not answer', 'silent.test', silentAddress, 'does not answer (time-out)'],
    ['refuses to answer', 'refusing.test', refusingAddress, 'refuses to answer (REFUSED)'],
  ] as const) {
    test(`leaves a server out that ${what}, with a warning, once the others have the record`, async () => {
      const { exitCode, annotations, stdout } = await run(`a.${zone} b.${zone}`);
      assert.equal(exitCode, 0, stdout);
      const warnings = annotations.filter(({ title }) => title.startsWith('A name server'));
      assert.equal(warnings.length, 1);
      assert.equal(warnings[0]?.title, `A name server of ${zone} does not answer`);
      assert.ok(warnings[0]?.message.startsWith(`ns2.${zone} ${address} ${words}`), warnings[0]?.message);
    });
  }

  test('is checked at the resolvers where no authoritative server answers, and says so once', async () => {
    const { exitCode, annotations, stdout } = await run('a.dark.test b.dark.test', {
      'dns-resolvers': behindFirewall.server,
    });
    assert.equal(exitCode, 0, stdout);
    const notices = annotations.filter(({ level }) => level === 'notice');
    assert.deepEqual(
      notices.map(({ title }) => title),
      ['Propagation is checked at the recursive resolvers'],
    );
    assert.match(
      notices[0]?.message ?? '',
      /no name server of the zone dark\.test answers \(ns\.elsewhere\.test 127\.0\.53\.3 does not answer/,
    );
  });

  test('asks no authoritative server for the value with propagation-check: recursive', async () => {
    const { exitCode, annotations, stdout } = await run('c.dark.test', {
      'dns-resolvers': behindFirewall.server,
      'propagation-check': 'recursive',
    });
    assert.equal(exitCode, 0, stdout);
    assert.deepEqual(
      annotations.filter(({ level }) => level === 'notice'),
      [],
    );
  });

  test('that fails where no authoritative server answers tells what the resolvers say', async () => {
    const { exitCode, annotations } = await space.run({
      primary: bindAddress,
      program: script('lying.sh'),
      inputs: {
        domains: 'd.dark.test',
        'dns-resolvers': behindFirewall.server,
        'exec-propagation-timeout': '2',
      },
    });
    assert.equal(exitCode, 1);
    const message = annotations.find(({ level }) => level === 'error')?.message ?? '';
    assert.match(message, /^ {2}ns\.elsewhere\.test 127\.0\.53\.3 +no answer$/m);
    assert.match(message, /^ {2}recursive resolvers .* no such name \(NXDOMAIN\)$/m);
    assert.match(message, /^→ Resolvers remember for a while that a name did not exist\./m);
  });

  test('is checked by TCP at a server that limits the rate of its UDP answers', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `${index}.limiting.test`);
    const { exitCode, stdout } = await run(names.join(' '), { 'exec-concurrency': '10' }, limitingAddress);
    assert.equal(exitCode, 0, stdout);
  });

  test('is checked at a server that has IPv6 alone', { skip: skipUnless('IPv6 loopback') }, async () => {
    const six = await startBind({ address: '::1', zones: [{ name: 'six.test' }] });
    const sixth = await startNameSpace({ root: '127.0.53.252', zones: [delegated('six.test', '::1')] });
    const { exitCode, debug, stdout } = await sixth.run({ primary: '::1', inputs: { domains: 'six.test' } });
    await Promise.all([six.stop(), sixth.stop()]);
    assert.equal(exitCode, 0, stdout);
    assert.ok(debug.includes('Zone six.test: ns.six.test ::1'), debug.join('\n'));
  });
});

/**
 * A resolver inside of a firewall: it forwards all questions, and the name server of `dark.test` has an address here at
 * which nothing answers.
 */
async function startForwarder(upstream: string): Promise<{ server: string; named: Named }> {
  const port = await freePort();
  const [address, upstreamPort] = upstream.split(':');
  const named = await startNamed({
    address: '127.0.0.1',
    port,
    options: [
      `recursion yes; allow-recursion { any; }; forward only; forwarders { ${address} port ${upstreamPort}; };`,
    ],
    statements: ['zone "elsewhere.test" { type primary; file "elsewhere"; };'],
    files: {
      elsewhere: `$TTL 1\n@ SOA ns hostmaster 1 86400 86400 864000 1\n@ NS ns\nns A ${silentAddress}`,
    },
  });
  return { server: `127.0.0.1:${port}`, named };
}

/** BIND that answers one question a second by UDP, and others with the advice to ask by TCP. */
function startLimitingServer(): Promise<Named> {
  return startNamed({
    address: limitingAddress,
    port: 53,
    options: ['recursion no; rate-limit { responses-per-second 1; nxdomains-per-second 1; slip 1; };'],
    statements: [
      'zone "limiting.test" { type primary; file "limiting"; allow-update { 127.0.0.0/8; }; notify no; };',
    ],
    files: { limiting: zoneFile({ name: 'limiting.test' }, limitingAddress) },
  });
}
