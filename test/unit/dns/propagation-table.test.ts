import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  describeAnswer,
  describePropagation,
  propagationAdvice,
  type WatchedZone,
} from '../../../src/dns/propagation-table.ts';
import type { Answer } from '../../../src/dns/query.ts';
import type { ExpectedRecord, ServerWatch } from '../../../src/dns/server-watch.ts';
import { failed, values } from '../fixtures/stub-name-server.ts';

const expecting = (name: string, ...wanted: string[]): ExpectedRecord => ({
  name,
  values: wanted,
  overwritten: [],
});

/** A watch that has ended; a record without an answer was not asked for. */
function ended(host: string, answers: readonly [ExpectedRecord, Answer<string> | undefined][]): ServerWatch {
  const isMissing = ([record, answer]: (typeof answers)[number]): boolean =>
    answer?.kind !== 'values' || !record.values.every((value) => answer.values.includes(value));
  return {
    label: { host, address: '192.0.2.1' },
    lastAnswers: new Map(answers.filter(([, answer]) => answer !== undefined)),
    missing: answers.filter(isMissing).map(([record]) => record),
  } as unknown as ServerWatch;
}

const zoneOf = (
  name: string | undefined,
  records: ExpectedRecord[],
  watches: ServerWatch[],
): WatchedZone => ({
  name,
  servers: [],
  records,
  watches,
  complete: false,
});

describe('an answer in the table', () => {
  for (const [answer, text] of [
    [undefined, 'no answer'],
    [{ kind: 'no name' }, 'no such name (NXDOMAIN)'],
    [{ kind: 'no data' }, 'no TXT record'],
    [failed('EREFUSED'), 'refuses to answer (REFUSED)'],
    [values('x'), '"x"'],
    [values('b', 'a'), '"b", "a" (right)'],
    [values('a'), '"a"'],
    [values('1', '2', '3', '4', '5', '6', '7'), '"1", "2", "3", "4", "5" and 2 more'],
    [values('say "x"\n'), String.raw`"say \"x\"\n"`],
  ] as [Answer<string> | undefined, string][]) {
    it(`reads ${text}`, () => {
      assert.equal(describeAnswer(answer, ['a', 'b']), text);
    });
  }
});

describe('the table of a propagation', () => {
  it('has a row for each server, in columns, for each record that is missing somewhere', () => {
    const [there, missing] = [expecting('there', 'x'), expecting('missing', 'a', 'b')];
    const watches = [
      ended('ns1', [
        [there, values('x')],
        [missing, values('a', 'b')],
      ]),
      ended('longer', [
        [there, values('x')],
        [missing, undefined],
      ]),
    ];
    assert.equal(
      describePropagation([zoneOf('example.com', [there, missing], watches)]),
      [
        'missing (zone example.com), expected "a" and "b"',
        '  ns1 192.0.2.1     "a", "b" (right)',
        '  longer 192.0.2.1  no answer',
      ].join('\n'),
    );
  });

  it('shows ten records and counts the rest', () => {
    const records = Array.from({ length: 13 }, (_, index) => expecting(`r${index}`, 'x'));
    const watch = ended(
      'ns1',
      records.map((record): [ExpectedRecord, Answer<string>] => [record, { kind: 'no name' }]),
    );
    const lines = describePropagation([zoneOf(undefined, records, [watch])]).split('\n');
    assert.deepEqual(lines.slice(-2), ['  ns1 192.0.2.1  no such name (NXDOMAIN)', '… and 3 more records.']);
    assert.equal(lines.length, 21);
  });
});

describe('the advice', () => {
  const record = expecting('r', 'v');
  const adviceFor = (...answers: Answer<string>[]): string =>
    propagationAdvice([
      zoneOf(
        'example.com',
        [record],
        answers.map((answer, index) => ended(`ns${index}`, [[record, answer]])),
      ),
    ]);

  it('is about quotation marks when the value stands there in them', () => {
    assert.match(adviceFor(values('"v"')), /quotation marks around it: the script adds quotes/);
  });

  it('is to wait when some servers have it', () => {
    assert.match(adviceFor(values('v'), { kind: 'no name' }), /^Some servers have it: allow more time/);
  });

  it('is to look at the script when no server has it', () => {
    assert.match(adviceFor({ kind: 'no name' }, values('x')), /^No server has it: check that the script/);
  });
});
