import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseChoice } from '../../../src/settings/choice.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const colours = ['red', 'green'] as const;

describe('a choice', () => {
  it('is the first of the list when nothing is given', () => {
    assert.equal(
      accepted((problems) => parseChoice('colour', '', colours, problems)),
      'red',
    );
  });

  it('may be written in any case', () => {
    assert.equal(
      accepted((problems) => parseChoice('colour', 'Green', colours, problems)),
      'green',
    );
  });

  it('that is not on the list is told with the list', () => {
    assert.deepEqual(
      problemsOf((problems) => parseChoice('colour', 'blue', colours, problems)),
      ['colour: "blue" is not one of: red, green.'],
    );
  });
});
