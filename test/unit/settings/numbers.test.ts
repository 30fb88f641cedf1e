import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNumber, parseSwitch } from '../../../src/settings/numbers.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const seconds = { minimum: 0.5, maximum: 60, whole: false, unit: 'seconds' };
const calls = { minimum: 1, maximum: 10, whole: true, unit: 'calls' };

describe('a number', () => {
  it('is undefined when nothing is given', () => {
    assert.equal(
      accepted((problems) => parseNumber('n', '', seconds, problems)),
      undefined,
    );
  });

  for (const [text, value] of [
    ['0.5', 0.5],
    ['60', 60],
    ['007', 7],
  ] as const) {
    it(`is read from "${text}"`, () => {
      assert.equal(
        accepted((problems) => parseNumber('n', text, seconds, problems)),
        value,
      );
    });
  }

  for (const text of ['0.4', '61', '-1', '1e1', '0x5', '5s', 'NaN', 'Infinity', '1 2']) {
    it(`is not "${text}" where seconds from 0.5 to 60 are wanted`, () => {
      assert.deepEqual(
        problemsOf((problems) => parseNumber('n', text, seconds, problems)),
        [`n: "${text}" is not a number of seconds from 0.5 to 60; give one, or leave it empty.`],
      );
    });
  }

  it('has no fraction where whole numbers are wanted', () => {
    assert.deepEqual(
      problemsOf((problems) => parseNumber('n', '1.5', calls, problems)),
      ['n: "1.5" is not a whole number of calls from 1 to 10; give one, or leave it empty.'],
    );
  });

  it('that is wrong counts as not given', () => {
    let value: number | undefined = 1;
    problemsOf((problems) => {
      value = parseNumber('n', 'x', calls, problems);
    });
    assert.equal(value, undefined);
  });
});

describe('a switch', () => {
  for (const text of ['true', 'True', 'TRUE']) {
    it(`is on by "${text}"`, () => {
      assert.equal(
        accepted((problems) => parseSwitch('s', text, false, problems)),
        true,
      );
    });
  }

  for (const text of ['false', 'False', 'FALSE']) {
    it(`is off by "${text}"`, () => {
      assert.equal(
        accepted((problems) => parseSwitch('s', text, true, problems)),
        false,
      );
    });
  }

  it('takes its default when it is empty', () => {
    assert.deepEqual(
      [true, false].map((preset) => accepted((problems) => parseSwitch('s', '', preset, problems))),
      [true, false],
    );
  });

  for (const text of ['yes', '1', 'tRuE']) {
    it(`is neither on nor off by "${text}"`, () => {
      assert.deepEqual(
        problemsOf((problems) => parseSwitch('s', text, false, problems)),
        [`s: "${text}" is neither true nor false.`],
      );
    });
  }
});
