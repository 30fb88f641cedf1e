import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from '../../../src/dns/query.ts';
import { locateRecord, RecordLocator } from '../../../src/dns/record-location.ts';
import type { NoZone, Zone, ZoneFinder } from '../../../src/dns/zone.ts';
import { failed, StubNameServer, values } from '../fixtures/stub-name-server.ts';

/** A zone with one server for each list of CNAMEs; a string in place of a list is the code of its failure. */
function zoneOf(name: string, ...servers: (Record<string, string> | string)[]): Zone {
  const cnameOf =
    (server: Record<string, string> | string) =>
    (asked: string): Answer<string> => {
      if (typeof server === 'string') {
        return failed(server);
      }
      const target = server[asked];
      return target === undefined
        ? { kind: 'no name' }
        : target === ''
          ? { kind: 'no data' }
          : values(target);
    };
  return {
    name,
    servers: servers.map((server, index) => ({
      host: `ns${index}.${name}`,
      address: `192.0.2.${index}`,
      ask: new StubNameServer({ cname: cnameOf(server) }),
    })),
  };
}

/** A finder that knows these zones, and resolvers that know these aliases. */
function finderOf(zones: readonly Zone[], aliases: Record<string, string> = {}): ZoneFinder {
  const at = (name: string): Zone | undefined => zones.find((zone) => zone.name === name);
  const above = (name: string): Zone | NoZone => {
    const parent = name.split('.').slice(1).join('.');
    return parent === '' ? { fault: 'no zone is known' } : (at(parent) ?? above(parent));
  };
  return {
    resolvers: new StubNameServer({
      cname: (name) => (aliases[name] === undefined ? { kind: 'no name' } : values(aliases[name])),
    }),
    zoneAbove: async (name: string) => above(name),
    zoneAt: async (name: string) => at(name),
  } as unknown as ZoneFinder;
}

const record = '_acme-challenge.example.com';

describe('the place of a record', () => {
  it('is its own name in the zone above when there is no CNAME', async () => {
    const zone = zoneOf('example.com', {});
    assert.deepEqual(await locateRecord(record, finderOf([zone])), { name: record, zone, fault: undefined });
  });

  it('is the end of a chain of CNAMEs over several zones', async () => {
    const target = zoneOf('example.org', {});
    const zones = [
      zoneOf('example.com', { [record]: 'a.example.net' }),
      zoneOf('example.net', { 'a.example.net': 'b.example.org' }),
      target,
    ];
    assert.deepEqual(await locateRecord(record, finderOf(zones)), {
      name: 'b.example.org',
      zone: target,
      fault: undefined,
    });
  });

  it('is in the zone of its very name when that is delegated', async () => {
    const child = zoneOf(record, {});
    const zones = [zoneOf('example.com', { [record]: '' }), child];
    assert.deepEqual(await locateRecord(record, finderOf(zones)), {
      name: record,
      zone: child,
      fault: undefined,
    });
  });

  it('stays in the zone above when the name exists without being a zone', async () => {
    const zone = zoneOf('example.com', { [record]: '' });
    assert.equal((await locateRecord(record, finderOf([zone]))).zone, zone);
  });

  it('is told by any server that answers', async () => {
    const target = zoneOf('example.org', {});
    const zones = [zoneOf('example.com', 'EREFUSED', { [record]: 'a.example.org' }), target];
    assert.equal((await locateRecord(record, finderOf(zones))).name, 'a.example.org');
  });

  it('is told by the resolvers when no server answers; the zone stays the one to watch', async () => {
    const zone = zoneOf('example.com', 'ETIMEOUT', 'EREFUSED');
    assert.deepEqual(await locateRecord(record, finderOf([zone])), { name: record, zone, fault: undefined });
  });

  it('is told by the resolvers when there is no zone, with the reason', async () => {
    assert.deepEqual(
      await locateRecord(
        '_acme-challenge.a.internal',
        finderOf([], { '_acme-challenge.a.internal': 'b.internal' }),
      ),
      {
        name: 'b.internal',
        zone: undefined,
        fault: 'no zone is known',
      },
    );
  });

  it('in a zone without a server that can be reached has that as its fault', async () => {
    const zone = zoneOf('example.com');
    assert.deepEqual(await locateRecord(record, finderOf([zone])), {
      name: record,
      zone,
      fault: 'no name server of the zone example.com has an address that this machine can reach',
    });
  });

  it('in a loop of CNAMEs is a failure that shows the loop', async () => {
    const zone = zoneOf('example.com', { [record]: 'a.example.com', 'a.example.com': record });
    await assert.rejects(locateRecord(record, finderOf([zone])), {
      title: 'CNAME loop',
      message: `${record} leads into a loop: ${record} → a.example.com → ${record}`,
    });
  });

  it('behind a chain without end is a failure', async () => {
    const links = Array.from({ length: 30 }, (_, index) => [
      `${index}.example.com`,
      `${index + 1}.example.com`,
    ]);
    const zone = zoneOf('example.com', Object.fromEntries(links));
    await assert.rejects(locateRecord('0.example.com', finderOf([zone])), {
      message: /^0\.example\.com leads into a chain that is too long: 0\.example\.com → 1\.example\.com → /,
    });
  });
});

describe('a locator', () => {
  it('looks up each name once in a run', async () => {
    const zone = zoneOf('example.com', {});
    const locator = new RecordLocator(finderOf([zone]));
    const [first, second] = await Promise.all([locator.locate('example.com'), locator.locate('example.com')]);
    assert.equal(first, second);
  });

  it('takes the label of the challenge', async () => {
    const locator = new RecordLocator(finderOf([zoneOf('example.com', {})]));
    assert.deepEqual(
      [
        (await locator.locate('example.com')).name,
        (await locator.locate('example.com', '_validation-persist')).name,
      ],
      ['_acme-challenge.example.com', '_validation-persist.example.com'],
    );
  });
});
