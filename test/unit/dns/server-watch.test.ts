import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Answer } from '../../../src/dns/query.ts';
import { type ExpectedRecord, ServerWatch } from '../../../src/dns/server-watch.ts';
import { type StoppedClock, stopClock } from '../fixtures/clock.ts';
import { failed, StubNameServer, values } from '../fixtures/stub-name-server.ts';

let clock: StoppedClock;
describe('with a clock that the test moves', () => {
  beforeEach(() => {
    clock = stopClock();
  });
  afterEach(() => clock.restore());

  const label = { host: 'ns1.example.com', address: '192.0.2.1' };
  const seconds = (interval: number) => ({ interval: interval * 1000, eager: false });
  const expecting = (...wanted: string[]): ExpectedRecord => ({
    name: '_acme-challenge.example.com',
    values: wanted,
    overwritten: [],
  });

  /** A watch of one server that answers by the time. */
  function watching(record: ExpectedRecord, answerAt: (now: number) => Answer<string>) {
    const askedAt: number[] = [];
    const server = new StubNameServer({
      txt: () => {
        askedAt.push(performance.now());
        return answerAt(performance.now());
      },
    });
    return { watch: new ServerWatch(label, server, [record]), server, askedAt };
  }

  const never = new AbortController().signal;

  describe('the watch of a server', () => {
    it('ends when the server shows all values', async () => {
      const { watch } = watching(expecting('a', 'b'), (now) =>
        now < 2000 ? values('a') : values('b', 'x', 'a'),
      );
      const done = watch.run(seconds(1), never);
      await clock.advance(2000);
      await done;
      assert.deepEqual(watch.missing, []);
    });

    it('asks at the interval that was set', async () => {
      const { watch, askedAt } = watching(expecting('a'), (now) =>
        now < 6000 ? { kind: 'no name' } : values('a'),
      );
      const done = watch.run(seconds(2), never);
      await clock.advance(6000);
      await done;
      assert.deepEqual(askedAt, [0, 2000, 4000, 6000]);
    });

    it('asks sooner at first when nobody set an interval', async () => {
      const { watch, askedAt } = watching(expecting('a'), (now) =>
        now < 4500 ? { kind: 'no name' } : values('a'),
      );
      const done = watch.run({ interval: 1000, eager: true }, never);
      await clock.advance(4500);
      await done;
      assert.deepEqual(askedAt, [0, 100, 300, 700, 1500, 2500, 3500, 4500]);
    });

    it('asks no more for what the server showed', async () => {
      const [first, second] = [expecting('a'), { ...expecting('b'), name: 'second' }];
      const server = new StubNameServer({
        txt: (name) =>
          name === 'second' && performance.now() < 1000 ? { kind: 'no data' } : values('a', 'b'),
      });
      const watch = new ServerWatch(label, server, [first, second]);
      const done = watch.run(seconds(1), never);
      await clock.advance(1000);
      await done;
      assert.deepEqual(server.questions, [`txt ${first.name}`, 'txt second', 'txt second']);
    });

    it('ends when the signal is aborted, with what is missing', async () => {
      const cancel = new AbortController();
      const record = expecting('a');
      const { watch } = watching(record, () => ({ kind: 'no name' }));
      const done = watch.run(seconds(1), cancel.signal);
      await clock.advance(500);
      cancel.abort();
      await done;
      assert.deepEqual(watch.missing, [record]);
    });

    it('ends the question that is under way when the signal is aborted', async (t) => {
      const cancel = new AbortController();
      const { watch, server } = watching(expecting('a'), () => ({ kind: 'no name' }));
      const cancelled = t.mock.method(server, 'cancel');
      const done = watch.run(seconds(1), cancel.signal);
      cancel.abort();
      await done;
      assert.equal(cancelled.mock.callCount(), 1);
    });

    it('asks nothing when the signal was aborted before', async () => {
      const { watch, askedAt } = watching(expecting('a'), () => values('a'));
      await watch.run(seconds(1), AbortSignal.abort());
      assert.deepEqual(askedAt, []);
    });

    for (const [answer, usable] of [
      [failed('ETIMEOUT'), false],
      [{ kind: 'no name' }, true],
      [{ kind: 'no data' }, true],
      [values('x'), true],
    ] as const) {
      it(`${usable ? 'counts' : 'does not count'} the answer "${answer.kind}" as one`, async () => {
        const cancel = new AbortController();
        const record = expecting('a');
        const { watch } = watching(record, () => answer as Answer<string>);
        const done = watch.run(seconds(1), cancel.signal);
        await clock.advance(500);
        cancel.abort();
        await done;
        assert.equal(watch.usable, usable);
        assert.deepEqual(watch.lastAnswers.get(record), answer);
      });
    }
  });

  describe('a script that overwrites', () => {
    it('is noticed when a later value has replaced an earlier one for a second', async () => {
      const record = expecting('first', 'second');
      const { watch } = watching(record, () => values('second'));
      const done = watch.run(seconds(0.5), never);
      await clock.advance(1000);
      await done;
      assert.deepEqual(record, { ...expecting('second'), overwritten: ['first'] });
    });

    it('is not judged by a server that is only behind: an earlier value stands alone', async () => {
      const record = expecting('first', 'second');
      const { watch } = watching(record, (now) => (now < 5000 ? values('first') : values('first', 'second')));
      const done = watch.run(seconds(0.5), never);
      await clock.advance(5000);
      await done;
      assert.deepEqual(record.overwritten, []);
    });

    it('is not judged by a moment: the earlier value comes back within the second', async () => {
      const record = expecting('first', 'second');
      const { watch } = watching(record, (now) => {
        const gone = (now > 0 && now <= 800) || (now > 1000 && now <= 1800);
        return gone ? values('second') : values(...(now > 2000 ? ['first', 'second'] : ['first']));
      });
      const done = watch.run(seconds(0.2), never);
      await clock.advance(2200);
      await done;
      assert.deepEqual(record.overwritten, []);
    });

    it('is not judged by a server that shows neither value', async () => {
      const record = expecting('first', 'second');
      const { watch } = watching(record, (now) => (now < 3000 ? values('old') : values('first', 'second')));
      const done = watch.run(seconds(0.5), never);
      await clock.advance(3000);
      await done;
      assert.deepEqual(record.overwritten, []);
    });

    it('of three values is noticed with both that are gone', async () => {
      const record = expecting('1', '2', '3');
      const { watch } = watching(record, () => values('3'));
      const done = watch.run(seconds(0.5), never);
      await clock.advance(1000);
      await done;
      assert.deepEqual(record.overwritten, ['1', '2']);
    });
  });
});
