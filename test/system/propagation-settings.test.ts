// The settings of the propagation check, and what resolvers remember.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { answersFor } from '../rig/lookup.ts';
import { delegated, type NameSpace, nameServers, startNameSpace } from '../rig/name-space.ts';
import { freePort } from '../rig/ports.ts';
import { run, type ServerProcess, startServer } from '../rig/process.ts';
import { script } from '../rig/scripts.ts';
import { requiredTool, skipUnless } from '../rig/tools.ts';
import { type NameServer, zoneFile } from '../rig/zone.ts';

const bindAddress = '127.0.55.1';
const signingAddress = '127.0.55.2';
const skip = skipUnless('go', 'named', 'rndc', 'named-checkconf', 'knotd', 'nsupdate', 'dig', 'port 53');

describe('Propagation', { skip }, () => {
  let space: NameSpace;
  let bind: NameServer;
  let signing: ServerProcess;
  const requests: string[] = [];

  before(async () => {
    const longMinimum = '@ 3600 SOA ns hostmaster 1 86400 86400 864000 3600';
    bind = await startBind({
      address: bindAddress,
      zones: [
        { name: 'plain.test' },
        { name: 'forgetful.test', records: [longMinimum, ...nameServers(bindAddress)] },
      ],
    });
    signing = await startSigningKnot('signed.test');
    space = await startNameSpace({
      root: '127.0.55.253',
      zones: [
        ...['plain.test', 'forgetful.test'].map((name) => delegated(name, bindAddress)),
        delegated('signed.test', signingAddress),
      ],
      onRequest: (kind) => requests.push(kind),
    });
  });
  afterEach(() => requests.splice(0));
  after(() => Promise.all([space, bind, signing].map((one) => one?.stop())));

  for (const check of ['authoritative', 'recursive']) {
    test(`finds no stale denial that our own look-ups left in a resolver (${check})`, async () => {
      const { exitCode, stdout } = await space.run({
        primary: bindAddress,
        inputs: {
          domains: `${check}.forgetful.test a.b.${check}.forgetful.test`,
          'propagation-check': check,
        },
      });
      assert.equal(exitCode, 0, stdout);
    });
  }

  test('is not checked at all with propagation-check: none', async () => {
    const { exitCode, annotations } = await space.run({
      primary: bindAddress,
      program: script('lying.sh'),
      inputs: { domains: 'plain.test', 'propagation-check': 'none' },
    });
    assert.equal(exitCode, 1);
    assert.ok(requests.includes('challenge'));
    const error = annotations.find(({ level }) => level === 'error');
    assert.equal(error?.title, 'The CA could not validate plain.test');
  });

  for (const check of ['authoritative', 'recursive']) {
    test(`stops a script that lies before the CA is told (${check})`, async () => {
      const { exitCode, annotations } = await space.run({
        primary: bindAddress,
        program: script('lying.sh'),
        inputs: { domains: 'plain.test', 'propagation-check': check, 'exec-propagation-timeout': '1' },
      });
      assert.equal(exitCode, 1);
      assert.ok(!requests.includes('challenge'));
      assert.match(
        annotations.find(({ level }) => level === 'error')?.message ?? '',
        /→ No server has it: check that the script really sets this name and value/,
      );
    });
  }

  test('is followed by propagation-delay, before the CA is told', async () => {
    const { exitCode, stdout } = await space.run({
      primary: bindAddress,
      inputs: { domains: 'plain.test', 'propagation-delay': '1' },
    });
    assert.equal(exitCode, 0, stdout);
    const [authorization, challenge] = ['authorization', 'challenge'].map(
      (kind) => space.proxy.requests.findLast((request) => request.kind === kind)?.at ?? 0,
    );
    assert.ok((challenge ?? 0) - (authorization ?? 0) >= 1000);
  });

  test('asks the second of two dns-resolvers when the first is dead', async () => {
    const dead = `127.0.0.1:${await freePort()}`;
    const { exitCode, debug, stdout } = await space.run({
      primary: bindAddress,
      inputs: { domains: 'plain.test', 'dns-resolvers': `${dead} ${space.resolver.server}` },
    });
    assert.equal(exitCode, 0, stdout);
    assert.ok(debug.includes(`Zone plain.test: ns.plain.test ${bindAddress}`));
  });

  test('ends in a certificate for a name in a zone that its server signs (DNSSEC)', async () => {
    const { exitCode, stdout } = await space.run({
      primary: signingAddress,
      inputs: { domains: 'signed.test *.signed.test' },
    });
    assert.equal(exitCode, 0, stdout);
    const apex = await run(requiredTool('dig'), [`@${signingAddress}`, '+dnssec', 'signed.test', 'SOA']);
    assert.match(apex, /RRSIG\s+SOA/);
  });
});

/** Knot that signs a zone, and every change of it, with keys of its own. */
async function startSigningKnot(zone: string): Promise<ServerProcess> {
  const folder = temporaryFolder('knot');
  writeFileSync(path.join(folder, `${zone}.zone`), zoneFile({ name: zone }, signingAddress));
  const file = path.join(folder, 'knot.conf');
  writeFileSync(
    file,
    `server:
  rundir: "${folder}"
  listen: "${signingAddress}@53"
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stdout
    any: info
database:
  storage: "${folder}"
  journal-db-max-size: 64M
  timer-db-max-size: 8M
  kasp-db-max-size: 8M
  catalog-db-max-size: 8M
acl:
  - id: "update"
    address: "127.0.0.0/8"
    action: update
zone:
  - domain: "${zone}"
    storage: "${folder}"
    file: "%s.zone"
    acl: ["update"]
    dnssec-signing: on
`,
  );
  const server = await startServer({
    name: `knotd at ${signingAddress}`,
    command: requiredTool('knotd'),
    args: ['-c', file],
    cwd: folder,
    ready: /server started/,
  });
  await answersFor([zone], signingAddress);
  return server;
}
