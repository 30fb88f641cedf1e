import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseTimeoutAnswer } from '../../../src/script/timeout-answer.ts';

describe('the answer to timeout', () => {
  for (const [text, timeout, interval] of [
    ['{"timeout": 30, "interval": 5}', 30, 5],
    [' {"interval":0.5,\n"other":"x"} \n', undefined, 0.5],
    ['{"timeout":0}', 0, undefined],
    ['{"timeout":86400}', 86_400, undefined],
  ] as const) {
    it(`is read from ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseTimeoutAnswer(text), { timeout, interval });
    });
  }

  for (const text of [
    '',
    'usage: dns.sh present|cleanup',
    '{"timeout": 30,',
    'null',
    '30',
    '[30, 5]',
    '{}',
    '{"timeout": "30"}',
    '{"timeout": null}',
    '{"timeout": -1}',
    '{"timeout": 86401}',
    '{"timeout": 1e999}',
    '{"timeout": 30, "interval": 0}',
    '{"timeout": 30, "interval": "5"}',
    '{"timeout": 30}\n{"timeout": 30}',
  ]) {
    it(`is none in ${JSON.stringify(text)}`, () => {
      assert.equal(parseTimeoutAnswer(text), undefined);
    });
  }
});
