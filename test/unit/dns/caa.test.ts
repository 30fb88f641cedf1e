import assert from 'node:assert/strict';
import type { CaaRecord } from 'node:dns';
import { describe, it } from 'node:test';
import { type CaaObstacle, findCaaObstacle, warnAboutCaa } from '../../../src/dns/caa.ts';
import type { Answer } from '../../../src/dns/query.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { failed, StubNameServer, values } from '../fixtures/stub-name-server.ts';

type Records = Record<string, Answer<CaaRecord>>;

const caa = (record: Partial<CaaRecord>): CaaRecord => ({ critical: 0, ...record });
const obstacle = (domain: string, records: Records): Promise<CaaObstacle | undefined> =>
  findCaaObstacle(
    domain,
    ['ca.example'],
    new StubNameServer({ caa: (name) => records[name] ?? { kind: 'no data' } }),
  );

describe('CAA records', () => {
  it('that are not there forbid nothing', async () => {
    assert.equal(await obstacle('www.example.com', {}), undefined);
  });

  it('that name the CA allow it, in any case and with parameters', async () => {
    const records = { 'example.com': values(caa({ issue: 'CA.example ; accounturi=x' })) };
    assert.equal(await obstacle('www.example.com', records), undefined);
  });

  it('that name others only forbid it', async () => {
    const records = { 'example.com': values(caa({ issue: 'a.test' }), caa({ issue: 'b.test; x=y' })) };
    assert.deepEqual(await obstacle('www.example.com', records), {
      domain: 'www.example.com',
      at: 'example.com',
      allowed: ['a.test', 'b.test'],
    });
  });

  it('that name nobody forbid all', async () => {
    assert.deepEqual(
      (await obstacle('example.com', { 'example.com': values(caa({ issue: ';' })) }))?.allowed,
      [],
    );
  });

  it('that say nothing of issuing forbid nothing', async () => {
    const records = { 'example.com': values(caa({ iodef: 'mailto:a@example.com' })) };
    assert.equal(await obstacle('example.com', records), undefined);
  });

  it('that are closest to the name decide', async () => {
    const records = {
      'www.example.com': values(caa({ issue: 'ca.example' })),
      'example.com': values(caa({ issue: 'other.test' })),
    };
    assert.equal(await obstacle('www.example.com', records), undefined);
  });

  it('that cannot be read forbid nothing here: the CA will tell', async () => {
    const records = {
      'www.example.com': failed('ESERVFAIL'),
      'example.com': values(caa({ issue: 'other.test' })),
    };
    assert.equal(await obstacle('www.example.com', records), undefined);
  });

  it('for wildcards win over those for all names when the name is a wildcard', async () => {
    const records = { 'example.com': values(caa({ issue: 'ca.example' }), caa({ issuewild: 'other.test' })) };
    assert.deepEqual((await obstacle('*.example.com', records))?.allowed, ['other.test']);
    assert.equal(await obstacle('example.com', records), undefined);
  });

  it('for all names count for wildcards where there are no others', async () => {
    const records = { 'example.com': values(caa({ issue: 'other.test' })) };
    assert.equal((await obstacle('*.example.com', records))?.domain, '*.example.com');
  });
});

describe('the warning about CAA records', () => {
  const warningsOf = async (domains: string[], records: Records): Promise<string[]> => {
    const { log, lines } = recordingLog();
    const resolvers = new StubNameServer({ caa: (name) => records[name] ?? { kind: 'no data' } });
    await warnAboutCaa(domains, ['ca.example', 'ca.test'], resolvers, log);
    return linesOf(lines, 'warning');
  };

  it('names each name that is forbidden, where, and what helps', async () => {
    const records = {
      'a.example': values(caa({ issue: ';' })),
      'b.example': values(caa({ issue: 'x.test' })),
    };
    assert.deepEqual(await warningsOf(['a.example', 'b.example', 'c.example'], records), [
      'CAA records forbid this CA: a.example: the CAA records at a.example allow no CA at all, not this CA\nb.example: the CAA records at b.example allow x.test, not this CA\nAdd a CAA record with ca.example or ca.test, or choose another CA.',
    ]);
  });

  it('is not there when nothing is forbidden', async () => {
    assert.deepEqual(await warningsOf(['a.example'], {}), []);
  });
});
