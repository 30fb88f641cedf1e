import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type LocatedRecord,
  type PropagationPlan,
  waitForPropagation,
} from '../../../src/dns/propagation.ts';
import type { Answer } from '../../../src/dns/query.ts';
import type { Zone } from '../../../src/dns/zone.ts';
import { Failure } from '../../../src/failure.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { failed, StubNameServer, values } from '../fixtures/stub-name-server.ts';

type Txt = (name: string) => Answer<string> | Promise<Answer<string>>;

/** A zone whose servers answer by these functions. */
function zoneOf(name: string, ...servers: Txt[]): Zone {
  return {
    name,
    servers: servers.map((txt, index) => ({
      host: `ns${index + 1}.${name}`,
      address: `192.0.2.${index + 1}`,
      ask: new StubNameServer({ txt }),
    })),
  };
}

function located(zone: Zone | undefined, change: { name?: string; fault?: string } = {}): LocatedRecord {
  const name = change.name ?? '_acme-challenge.example.com';
  return { record: { name, values: ['v'], overwritten: [] }, location: { name, zone, fault: change.fault } };
}

function planOf(change: Partial<PropagationPlan> = {}): PropagationPlan {
  return {
    check: 'authoritative',
    pace: { interval: 5, eager: false },
    timeout: 20,
    resolvers: new StubNameServer(),
    ...change,
  };
}

const never = new AbortController().signal;
/** Answers without the value some times, then with it. */
function after(times: number): Txt {
  let asked = 0;
  return () => {
    asked += 1;
    return asked > times ? values('v') : { kind: 'no name' };
  };
}

async function failureOf(records: readonly LocatedRecord[], plan: PropagationPlan): Promise<Failure> {
  const failure = await waitForPropagation(records, plan, recordingLog().log, never).then(
    () => assert.fail('The wait succeeded.'),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof Failure);
  return failure;
}

describe('the wait for propagation', { concurrency: true }, () => {
  describe('the propagation check', () => {
    it('waits for every authoritative server of the zone', async () => {
      const zone = zoneOf('example.com', after(0), after(3));
      await waitForPropagation([located(zone)], planOf(), recordingLog().log, never);
      assert.deepEqual(
        zone.servers.map(({ ask }) => (ask as StubNameServer).questions.length),
        [1, 4],
      );
    });

    it('waits for the records of all zones at once', async () => {
      const zones = [zoneOf('example.com', after(2)), zoneOf('example.net', after(1))];
      const records = zones.map((zone) => located(zone, { name: `_acme-challenge.${zone.name}` }));
      await waitForPropagation(records, planOf(), recordingLog().log, never);
      assert.deepEqual(
        zones.flatMap((zone) => zone.servers.map(({ ask }) => (ask as StubNameServer).questions)),
        [Array(3).fill('txt _acme-challenge.example.com'), Array(2).fill('txt _acme-challenge.example.net')],
      );
    });

    it('asks nobody when it is switched off', async () => {
      const zone = zoneOf('example.com', () => assert.fail('A server was asked.'));
      await assert.doesNotReject(
        waitForPropagation([located(zone)], planOf({ check: 'none' }), recordingLog().log, never),
      );
    });

    it('asks nobody when there are no records', async () => {
      await assert.doesNotReject(waitForPropagation([], planOf({ timeout: 0 }), recordingLog().log, never));
    });

    it('asks the resolvers alone when told so', async () => {
      const zone = zoneOf('example.com', () => assert.fail('An authoritative server was asked.'));
      const resolvers = new StubNameServer({ txt: after(1) });
      const { log, lines } = recordingLog();
      await waitForPropagation([located(zone)], planOf({ check: 'recursive', resolvers }), log, never);
      assert.equal(resolvers.questions.length, 2);
      assert.deepEqual(lines, []);
    });

    it('ends with the signal’s reason when the run is cancelled', async () => {
      const cancel = new AbortController();
      const zone = zoneOf('example.com', () => {
        cancel.abort(new Error('cancelled'));
        return { kind: 'no name' };
      });
      await assert.rejects(waitForPropagation([located(zone)], planOf(), recordingLog().log, cancel.signal), {
        message: 'cancelled',
      });
    });
  });

  describe('a propagation check without authoritative servers', () => {
    it('asks the resolvers, and says so once for all names', async () => {
      const resolvers = new StubNameServer({ txt: after(0) });
      const { log, lines } = recordingLog();
      const records = [1, 2, 3, 4].map((number) =>
        located(undefined, { name: `${number}.example`, fault: `fault ${number}` }),
      );
      await waitForPropagation(records, planOf({ resolvers }), log, never);
      assert.deepEqual(resolvers.questions, [
        'txt 1.example',
        'txt 2.example',
        'txt 3.example',
        'txt 4.example',
      ]);
      assert.deepEqual(linesOf(lines, 'notice'), [
        'Propagation is checked at the recursive resolvers: The authoritative servers cannot be asked: fault 1; fault 2; fault 3; and so for 1 more names. The resolvers are asked for the value instead; they may still remember an older answer.',
      ]);
    });

    it('asks the resolvers when all servers of the zone stay silent, and says so', async () => {
      const zone = zoneOf(
        'example.com',
        () => failed('ETIMEOUT'),
        () => failed('EREFUSED'),
      );
      const resolvers = new StubNameServer({ txt: after(0) });
      const { log, lines } = recordingLog();
      await waitForPropagation([located(zone)], planOf({ resolvers, timeout: 0.4 }), log, never);
      assert.match(
        linesOf(lines, 'notice').join(),
        /no name server of the zone example\.com answers \(ns1\.example\.com 192\.0\.2\.1 does not answer \(time-out\), ns2\.example\.com 192\.0\.2\.2 refuses to answer \(REFUSED\)\)/,
      );
    });
  });

  describe('a name server that does not answer', () => {
    it('is left out with a warning once all others have the record', async () => {
      const zone = zoneOf('example.com', after(0), () => failed('ETIMEOUT'));
      const { log, lines } = recordingLog();
      await waitForPropagation([located(zone)], planOf({ timeout: 0.4 }), log, never);
      assert.deepEqual(linesOf(lines, 'warning'), [
        'A name server of example.com does not answer: ns2.example.com 192.0.2.2 does not answer (time-out): left out of the propagation check, as all other servers of example.com have the record. Mend the server or its delegation.',
      ]);
    });

    it('does not make up for one that answers without the record', async () => {
      const zone = zoneOf(
        'example.com',
        () => ({ kind: 'no name' }),
        () => failed('ETIMEOUT'),
      );
      const failure = await failureOf([located(zone)], planOf({ timeout: 0.2 }));
      assert.equal(failure.title, 'The DNS record did not appear in time');
    });

    it('for one question only is waited for', async () => {
      let asked = 0;
      const zone = zoneOf('example.com', () => {
        asked += 1;
        return asked < 3 ? failed('ETIMEOUT') : values('v');
      });
      const { log, lines } = recordingLog();
      await waitForPropagation([located(zone)], planOf(), log, never);
      assert.deepEqual(lines, []);
    });
  });

  describe('a propagation check that runs out of time', () => {
    it('fails with a table of what each server answered', async () => {
      const zone = zoneOf(
        'example.com',
        () => values('v'),
        () => ({ kind: 'no name' }),
      );
      const failure = await failureOf([located(zone)], planOf({ timeout: 0.2 }));
      assert.equal(
        failure.message,
        [
          'After 0.2 s the record is not at every server:',
          '_acme-challenge.example.com (zone example.com), expected "v"',
          '  ns1.example.com 192.0.2.1  "v" (right)',
          '  ns2.example.com 192.0.2.2  no such name (NXDOMAIN)',
        ].join('\n'),
      );
    });

    it('shows the resolvers as what they are', async () => {
      const failure = await failureOf([located(undefined, { fault: 'none' })], planOf({ timeout: 0.1 }));
      assert.match(
        failure.message,
        /\n_acme-challenge\.example\.com, expected "v"\n {2}recursive resolvers 192\.0\.2\.53 {2}no such name/,
      );
    });
  });
});
