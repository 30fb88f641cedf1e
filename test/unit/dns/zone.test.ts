import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ZoneFinder } from '../../../src/dns/zone.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { failed, StubNameServer, values } from '../fixtures/stub-name-server.ts';

function finderOf(answers: ConstructorParameters<typeof StubNameServer>[0]) {
  const resolvers = new StubNameServer(answers);
  const { log, lines } = recordingLog();
  return { finder: new ZoneFinder(resolvers, log), resolvers, lines };
}

const example = {
  ns: (name: string) =>
    name === 'example.com' ? values('ns1.example.net', 'ns2.example.net') : ({ kind: 'no data' } as const),
  hostAddresses: (host: string) =>
    host === 'ns1.example.net' ? ['127.0.0.1'] : ['127.0.0.2', '255.255.255.255'],
};

describe('the zone above a name', () => {
  it('is the closest one that has name servers, with each of their routable addresses', async () => {
    const zone = await finderOf(example).finder.zoneAbove('_acme-challenge.www.example.com');
    assert.ok('servers' in zone);
    assert.equal(zone.name, 'example.com');
    assert.deepEqual(
      zone.servers.map(({ host, address, ask }) => ({ host, address, asked: ask.servers })),
      [
        { host: 'ns1.example.net', address: '127.0.0.1', asked: ['127.0.0.1'] },
        { host: 'ns2.example.net', address: '127.0.0.2', asked: ['127.0.0.2'] },
      ],
    );
  });

  it('is never looked for at the name itself, so that no resolver remembers that it is not there', async () => {
    const { finder, resolvers } = finderOf(example);
    await finder.zoneAbove('_acme-challenge.example.com');
    assert.deepEqual(resolvers.questions.slice(0, 2).toSorted(), ['ns com', 'ns example.com']);
  });

  it('has each question asked once for many names', async () => {
    const { finder, resolvers } = finderOf(example);
    await Promise.all(['_a.www.example.com', '_b.www.example.com'].map((name) => finder.zoneAbove(name)));
    assert.equal(new Set(resolvers.questions).size, resolvers.questions.length);
  });

  it('is told in debug logging with its servers', async () => {
    const { finder, lines } = finderOf(example);
    await finder.zoneAbove('_acme-challenge.example.com');
    assert.deepEqual(linesOf(lines, 'debug'), [
      'Zone example.com: ns1.example.net 127.0.0.1, ns2.example.net 127.0.0.2',
    ]);
  });

  it('may have no server that can be reached', async () => {
    const { finder, lines } = finderOf({ ...example, hostAddresses: () => [] });
    const zone = await finder.zoneAbove('_acme-challenge.example.com');
    assert.deepEqual(zone, { name: 'example.com', servers: [] });
    assert.deepEqual(linesOf(lines, 'debug'), ['Zone example.com: no server with a routable address']);
  });

  it('is not known when no name above has name servers', async () => {
    assert.deepEqual(await finderOf({}).finder.zoneAbove('_acme-challenge.a.internal'), {
      fault: 'the resolvers know no name servers for any name above _acme-challenge.a.internal',
    });
  });

  it('is not known when the resolver fails on the way, even if there is one further up', async () => {
    const { finder } = finderOf({
      ns: (name) => (name === 'www.example.com' ? failed('ESERVFAIL') : values('ns1.example.net')),
    });
    assert.deepEqual(await finder.zoneAbove('_acme-challenge.www.example.com'), {
      fault: 'asked for the name servers of www.example.com, the resolver fails to answer (SERVFAIL)',
    });
  });
});

describe('the zone at a name', () => {
  it('is there when the name has name servers', async () => {
    assert.equal((await finderOf(example).finder.zoneAt('example.com'))?.name, 'example.com');
  });

  it('is not there when it has none', async () => {
    assert.equal(await finderOf(example).finder.zoneAt('www.example.com'), undefined);
  });
});

describe('a finder that is closed', () => {
  it('ends the questions to all servers that it found', async (t) => {
    const { finder, resolvers } = finderOf(example);
    const zone = await finder.zoneAt('example.com');
    const cancels = [resolvers, ...(zone?.servers ?? []).map(({ ask }) => ask)].map((server) =>
      t.mock.method(server, 'cancel'),
    );
    finder.close();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(
      cancels.map(({ mock }) => mock.callCount()),
      [1, 1, 1],
    );
  });
});
