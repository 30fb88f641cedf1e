import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { momentInWindow, renewalTime } from '../../../src/renewal/renewal-time.ts';

const date = (text: string): Date => new Date(`${text}T00:00:00Z`);
const days = (count: number): number => count * 86_400_000;
const ninetyDays = { notBefore: date('2026-01-01'), notAfter: date('2026-04-01'), fingerprint: 'ab' };
const sixDays = { notBefore: date('2026-01-01'), notAfter: date('2026-01-07'), fingerprint: 'ab' };
/** A window of no width, so that the moment in it is known. */
const windowAt = (at: Date) => ({ start: at, end: at });

describe('the time of renewal', () => {
  it('is when a third of the lifetime is left', () => {
    assert.deepEqual(renewalTime(ninetyDays, undefined, undefined), {
      at: date('2026-03-02'),
      source: 'the lifetime',
    });
  });

  it('is when half of a short lifetime is left', () => {
    assert.deepEqual(renewalTime(sixDays, undefined, undefined), {
      at: date('2026-01-04'),
      source: 'the lifetime',
    });
  });

  it('is when the CA advises, be it earlier or later than a third', () => {
    for (const at of [date('2026-02-01'), date('2026-03-20')]) {
      assert.deepEqual(renewalTime(ninetyDays, windowAt(at), undefined), { at, source: "the CA's advice" });
    }
  });

  it('is a duration before the end', () => {
    const before = { kind: 'duration', milliseconds: days(10) } as const;
    assert.deepEqual(renewalTime(ninetyDays, undefined, before), {
      at: date('2026-03-22'),
      source: 'renew-before',
    });
  });

  it('is a share of the lifetime before the end', () => {
    const before = { kind: 'share', share: 0.5 } as const;
    assert.deepEqual(renewalTime(ninetyDays, undefined, before).at, date('2026-02-15'));
  });

  it('is the earlier of the CA’s advice and renew-before', () => {
    const before = { kind: 'duration', milliseconds: days(10) } as const;
    assert.deepEqual(
      [date('2026-03-01'), date('2026-03-25')].map(
        (at) => renewalTime(ninetyDays, windowAt(at), before).source,
      ),
      ["the CA's advice", 'renew-before'],
    );
  });

  it('is not when advice would let the certificate run out', () => {
    assert.equal(renewalTime(ninetyDays, windowAt(date('2026-03-30')), undefined).source, 'the lifetime');
  });
});

describe('the moment in the CA’s window', () => {
  const window = { start: date('2026-03-01'), end: date('2026-03-03') };
  const moments = Array.from({ length: 100 }, (_, index) =>
    momentInWindow(window, `fingerprint ${index}`).getTime(),
  );

  it('is the same for every run', () => {
    assert.deepEqual(momentInWindow(window, 'ab'), momentInWindow(window, 'ab'));
  });

  it('is in the window', () => {
    assert.ok(moments.every((moment) => moment >= window.start.getTime() && moment < window.end.getTime()));
  });

  it('is spread over the window for many certificates', () => {
    const inFirstHalf = moments.filter((moment) => moment < date('2026-03-02').getTime()).length;
    assert.ok(inFirstHalf > 25 && inFirstHalf < 75, `${inFirstHalf} of 100 are in the first half.`);
  });
});
