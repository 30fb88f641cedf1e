// The rigs themselves: each is started once and asked a real question.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBind } from '../rig/bind.ts';
import { type Fault, startCaProxy } from '../rig/ca-proxy.ts';
import { startChalltestsrv } from '../rig/challtestsrv.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { httpsText } from '../rig/https.ts';
import { startKnot } from '../rig/knot.ts';
import { caughtUp, txtAt } from '../rig/lookup.ts';
import { startPebble } from '../rig/pebble.ts';
import { freeAddress } from '../rig/ports.ts';
import { startResolver } from '../rig/resolver.ts';
import { runAction, runPost, startAction } from '../rig/runner.ts';
import { livingProcesses, recordedCalls, runScript, script } from '../rig/scripts.ts';
import { startRefusingServer, startSilentServer } from '../rig/silent-server.ts';
import { startStepCa } from '../rig/step-ca.ts';
import { skipUnless } from '../rig/tools.ts';
import { nsupdateKey, tsigKey } from '../rig/zone.ts';

describe('the CA rigs', { skip: skipUnless('go') }, () => {
  it('challtestsrv answers with the values that were set', async () => {
    const dns = await startChalltestsrv();
    await dns.setTxt('_acme-challenge.example.test', 'one');
    await dns.setTxt('_acme-challenge.example.test.', 'two');
    assert.deepEqual((await dns.txt('_acme-challenge.example.test')).sort(), ['one', 'two']);
    assert.ok((await dns.dnsHistory('_acme-challenge.example.test')).some(({ Qtype }) => Qtype === 16));
    await dns.clearTxt('_acme-challenge.example.test');
    assert.deepEqual(await dns.txt('_acme-challenge.example.test'), []);
    await dns.stop();
  });

  it('Pebble serves its directory and its roots over HTTPS that the given root vouches for', async () => {
    const pebble = await startPebble({
      dnsServer: '127.0.0.1:53',
      config: { profiles: { tiny: { description: 'An hour', validityPeriod: 3600 } } },
    });
    const { rootCertificate } = pebble;
    const directory = JSON.parse(await httpsText(pebble.directoryUrl, { rootCertificate }));
    assert.ok(directory.newOrder.startsWith(pebble.directoryUrl.replace('/dir', '/')));
    assert.deepEqual(Object.keys(directory.meta.profiles), ['tiny']);
    assert.match(await pebble.issuingRoot(), /BEGIN CERTIFICATE/);
    await pebble.stop();
    await assert.rejects(httpsText(pebble.directoryUrl, { rootCertificate }));
  });

  it('the proxy counts, delays and fails requests to Pebble', async () => {
    const pebble = await startPebble({ dnsServer: '127.0.0.1:53' });
    const faults: Record<number, Fault> = {
      2: { status: 503, headers: { 'retry-after': '1' }, body: 'busy' },
      3: 'reset',
      4: 'lost',
    };
    const proxy = await startCaProxy({ ca: pebble, roundTripMs: 40, fault: (_request, n) => faults[n] });
    const { rootCertificate, directoryUrl } = proxy;
    const started = performance.now();
    const directory = JSON.parse(await httpsText(directoryUrl, { rootCertificate }));
    // TCP, TLS 1.3 and the request: a round trip each.
    assert.ok(performance.now() - started >= 118);
    assert.equal(new URL(directory.newOrder).host, new URL(directoryUrl).host);
    await assert.rejects(httpsText(directoryUrl, { rootCertificate }), /503 busy/);
    await assert.rejects(httpsText(directoryUrl, { rootCertificate }), { code: 'ECONNRESET' });
    await assert.rejects(httpsText(directoryUrl, { rootCertificate }), { code: 'ECONNRESET' });
    await httpsText(directory.newNonce, { rootCertificate });
    assert.deepEqual(proxy.counts(), { 'GET directory': 4, 'GET new-nonce': 1 });
    assert.equal(proxy.requests.map(({ status }) => status).join(), '200,503,0,0,204');
    await Promise.all([proxy.stop(), pebble.stop()]);
  });

  it('step-ca serves an ACME directory', async () => {
    const ca = await startStepCa({ resolver: '127.0.0.1:53' });
    const directory = JSON.parse(await httpsText(ca.directoryUrl, ca));
    assert.ok(directory.newOrder.startsWith('https://127.0.0.1:'));
    await ca.stop();
  });
});

const nameServers = skipUnless('named', 'rndc', 'named-checkconf', 'knotd', 'knotc', 'nsupdate', 'port 53');
const free = () => (nameServers === false ? freeAddress() : '');
const [first, second, third] = [await free(), await free(), await free()];
const [fourth, fifth, sixth] = [await free(), await free(), await free()];

describe('the name server rigs', { skip: nameServers }, () => {
  const running: { stop(): Promise<void> }[] = [];
  const started = async <Server extends { stop(): Promise<void> }>(starting: Promise<Server>) => {
    const server = await starting;
    running.push(server);
    return server;
  };
  after(() => Promise.all(running.map((server) => server.stop())));

  const child = { name: 'child.example.test', records: ['_acme-challenge TXT "child"'] };
  const updateKey = tsigKey('update');
  const example = {
    name: 'example.test',
    updateKey,
    records: [
      '@ NS ns1',
      '@ NS ns2',
      `ns1 A ${first}`,
      `ns2 A ${second}`,
      'child NS ns.child',
      `ns.child A ${third}`,
      '_acme-challenge.www CNAME _acme-challenge.child',
    ],
  };

  it('BIND takes signed updates, and a Knot secondary lags until it is refreshed', async () => {
    const bind = await started(startBind({ address: first, zones: [example] }));
    const lagging = { name: 'example.test', type: 'secondary', primaries: [first] } as const;
    const knot = await started(startKnot({ address: second, zones: [lagging] }));
    await update(first, ['present', '_acme-challenge.example.test.', '-one'], nsupdateKey(updateKey));
    await update(first, ['present', '--', '_acme-challenge.example.test.', 'two'], nsupdateKey(updateKey));
    assert.deepEqual((await bind.txt('_acme-challenge.example.test')).sort(), ['-one', 'two']);
    assert.deepEqual(await knot.txt('_acme-challenge.example.test'), []);
    await knot.refresh('example.test');
    assert.equal((await knot.txt('_acme-challenge.example.test')).length, 2);
    await update(first, ['cleanup', '_acme-challenge.example.test.', '-one'], nsupdateKey(updateKey));
    assert.deepEqual(await bind.txt('_acme-challenge.example.test'), ['two']);
    const stranger = nsupdateKey(tsigKey('update'));
    await assert.rejects(update(first, ['cleanup', '_acme-challenge.example.test.', 'two'], stranger));
  });

  it('Knot takes local updates, and a BIND secondary is told at once', async () => {
    const knot = await started(startKnot({ address: third, zones: [{ ...child, notify: [fourth] }] }));
    const told = { name: child.name, type: 'secondary', primaries: [third] } as const;
    const bind = await started(startBind({ address: fourth, zones: [told] }));
    await update(third, ['present', 'new.child.example.test.', 'one']);
    await caughtUp(child.name, fourth, third);
    assert.deepEqual(await bind.txt('new.child.example.test'), ['one']);
    assert.deepEqual(await knot.txt('new.child.example.test'), ['one']);
  });

  it('the resolver finds its way from the root, through delegations and aliases, and nowhere else', async () => {
    const ns = [first, second].map((address, index) => ({
      name: `ns${index + 1}.example.test`,
      addresses: [address],
    }));
    const { server } = await started(startResolver({ zones: [{ name: 'example.test', servers: ns }] }));
    const resolver = new Resolver();
    resolver.setServers([server]);
    assert.deepEqual(await resolver.resolveTxt('_acme-challenge.www.example.test'), [['child']]);
    assert.equal((await resolver.resolveNs('example.test')).length, 2);
    await assert.rejects(resolver.resolve4('example.com'), { code: 'ENOTFOUND' });
  });

  it('one server refuses, one is silent', async () => {
    await started(startRefusingServer(fifth));
    const silent = await started(startSilentServer(sixth));
    await assert.rejects(txtAt(fifth, 'example.test'), { code: 'EREFUSED' });
    await assert.rejects(txtAt(sixth, 'example.test'), { code: 'ETIMEOUT' });
    assert.ok(silent.questions() > 0);
  });

  it('BIND and Knot listen on IPv6', { skip: skipUnless('IPv6 loopback') }, async () => {
    for (const start of [startBind, startKnot]) {
      const server = await start({ address: '::1', zones: [child] });
      assert.deepEqual(await server.txt('_acme-challenge.child.example.test'), ['child']);
      await server.stop();
    }
  });

  function update(server: string, args: string[], key = '') {
    return runScript('nsupdate.sh', args, { DNS_SERVER: server, TSIG: key });
  }
});

describe('the scripts', { skip: process.platform === 'win32' }, () => {
  it('record, fail, flood, and leave children behind', { timeout: 20_000 }, async () => {
    const folder = temporaryFolder('scripts');
    const [log, pids] = [path.join(folder, 'argv'), path.join(folder, 'pids')];
    await runScript('record-argv.sh', ['present', '--', 'a "b"', ''], { ARGV_LOG: log });
    await runScript('record-argv.sh', ['cleanup'], { ARGV_LOG: log, THEN: script('lying.sh') });
    assert.deepEqual(recordedCalls(log), [['present', '--', 'a "b"', ''], ['cleanup']]);
    await assert.rejects(runScript('failing.sh', ['present', 'x']), /failed \(3\)/);
    await runScript('failing.sh', ['present', 'x'], { FAIL_ON: 'cleanup' });
    assert.ok((await runScript('flooding.sh', ['present'], { FLOOD_BYTES: '100000' })).length > 100_000);
    await runScript('background.sh', ['present'], { BACKGROUND_SECONDS: '0.2', PIDS_LOG: pids });
    while (livingProcesses(pids).length > 0) await sleep(10);
  });

  it('challtestsrv.py works in every form', { skip: skipUnless('go', 'python3') }, async () => {
    const dns = await startChalltestsrv();
    const variables = { CHALLTESTSRV: dns.managementUrl };
    await runScript('challtestsrv.py', ['present', '--', '_acme-challenge.a.test.', '-value'], variables);
    assert.deepEqual(await dns.txt('_acme-challenge.a.test'), ['-value']);
    await runScript('challtestsrv.py', ['cleanup', '_acme-challenge.a.test.', '--', '-value'], variables);
    assert.deepEqual(await dns.txt('_acme-challenge.a.test'), []);
    await runScript('challtestsrv.py', ['present', 'a.test.', '--', 'token', 'token.thumbprint'], variables);
    const digest = createHash('sha256').update('token.thumbprint').digest('base64url');
    assert.deepEqual(await dns.txt('_acme-challenge.a.test'), [digest]);
    await dns.stop();
  });
});

describe('the runner rig', () => {
  const folder = temporaryFolder('bundles');
  const bundle = (name: string, code: string) => {
    const file = path.join(folder, `${name}.cjs`);
    writeFileSync(file, `const fs = require('node:fs'); const { env } = process; ${code}`);
    return file;
  };

  it('hands inputs over, reads results back and runs the post step with the saved state alone', async () => {
    const main = bundle(
      'main',
      `fs.appendFileSync(env.GITHUB_OUTPUT, 'list<<E\\none\\ntwo\\nE\\nkey=' + env['INPUT_KEY-TYPE'] + '\\n');
       fs.appendFileSync(env.GITHUB_STATE, 'journal=/some/file\\n');
       fs.appendFileSync(env.GITHUB_STEP_SUMMARY, '# Done');
       console.log('::add-mask::s3cret'); console.log('it is s3cret');
       console.log('::error title=A%2C B::first%0Asecond'); console.log(process.cwd()); process.exit(3);`,
    );
    const result = await runAction({ main, inputs: { domains: 'example.test' } });
    assert.equal(result.exitCode, 3);
    assert.deepEqual(result.outputs, { list: 'one\ntwo', key: 'ec256' });
    assert.deepEqual(result.masks, ['s3cret']);
    assert.deepEqual(result.annotations, [{ level: 'error', title: 'A, B', message: 'first\nsecond' }]);
    assert.equal(result.summary, '# Done');
    assert.match(result.log, /^it is \*\*\*$/m);
    assert.ok(result.stdout.endsWith(result.workspace));

    const post = bundle(
      'post',
      'console.log(JSON.stringify(Object.keys(env).filter((name) => name.startsWith("INPUT_")).concat(env.STATE_journal)));',
    );
    const cleaned = await runPost({ previous: result, post, inputs: false });
    assert.equal(cleaned.stdout, '["/some/file"]');
  });

  it('cancels as the runner does', async () => {
    const main = bundle(
      'stubborn',
      `process.on('SIGINT', () => { console.log('cancelled'); process.exitCode = 9; clearInterval(timer); });
       const timer = setInterval(() => {}, 1000); console.log('ready');`,
    );
    const started = startAction({ main });
    await started.line(/ready/);
    const result = await started.cancel();
    assert.equal(result.exitCode, 9);
    assert.match(result.stdout, /cancelled/);
    const killed = await runAction({ main, signalAfter: { line: /ready/, signal: 'SIGKILL' } });
    assert.equal(killed.signal, 'SIGKILL');
  });
});
