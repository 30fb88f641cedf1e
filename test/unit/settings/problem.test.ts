import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeProblems, inputFailure, Problems } from '../../../src/settings/problem.ts';

describe('problems', () => {
  it('alone is one line: the input, what was read, what is right', () => {
    const problems = new Problems();
    problems.add('exec-mode', 'row', 'is not a mode; use RAW or none.');
    assert.equal(describeProblems(problems.found), 'exec-mode: "row" is not a mode; use RAW or none.');
  });

  it('are a list when there are several, in the order in which they were found', () => {
    const problems = new Problems();
    problems.add('a', '1', 'is wrong.');
    problems.add('b', '', 'is required.');
    assert.equal(describeProblems(problems.found), '- a: "1" is wrong.\n- b: is required.');
  });

  it('show control characters and quotes so that they can be seen', () => {
    const problems = new Problems();
    problems.add('a', 'x\u001b[31m"\n', 'is wrong.');
    assert.equal(describeProblems(problems.found), String.raw`a: "x\u001b[31m\"\n" is wrong.`);
  });

  it('shorten what was read when it is long', () => {
    const problems = new Problems();
    problems.add('a', 'x'.repeat(121), 'is wrong.');
    assert.equal(describeProblems(problems.found), `a: "${'x'.repeat(100)}… (121 characters)" is wrong.`);
  });

  it('that there are none of are an empty text', () => {
    assert.equal(describeProblems([]), '');
  });
});

describe('the failure of wrong inputs', () => {
  const found = ['a', 'b'].map((input) => ({ input, read: '', right: 'is wrong.' }));

  it('has one of them in its title', () => {
    const { title, message } = inputFailure(found.slice(0, 1));
    assert.deepEqual({ title, message }, { title: 'An input is wrong', message: 'a: is wrong.' });
  });

  it('has their number in its title, and all of them in its message', () => {
    const { title, message } = inputFailure(found);
    assert.deepEqual(
      { title, message },
      { title: '2 inputs are wrong', message: '- a: is wrong.\n- b: is wrong.' },
    );
  });
});
