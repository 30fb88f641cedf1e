import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { asFailure, codeOf, describeFailure, describeStack, Failure, messageOf } from '../../src/failure.ts';

describe('a failure', () => {
  it('is told with what to do next', () => {
    assert.equal(describeFailure(new Failure('title', 'what', 'advice')), 'what\n→ advice');
  });

  it('is told alone when there is no advice', () => {
    assert.equal(describeFailure(new Failure('title', 'what', '')), 'what');
  });

  it('stays what it is', () => {
    const failure = new Failure('title', 'what', '');
    assert.equal(asFailure(failure), failure);
  });

  it('is made of anything else that is thrown, with its cause', () => {
    const error = new TypeError('oh');
    const failure = asFailure(error);
    assert.equal(failure.title, 'Unexpected fault');
    assert.equal(failure.cause, error);
  });
});

describe('anything that is thrown', () => {
  it('has a message', () => {
    assert.deepEqual([new Error('oh'), new TypeError(), 'text', undefined].map(messageOf), [
      'oh',
      'TypeError',
      'text',
      'undefined',
    ]);
  });

  it('has the code of the system where there is one', () => {
    const error = Object.assign(new Error('oh'), { code: 'ENOENT' });
    assert.deepEqual([error, new Error('oh'), 'ENOENT'].map(codeOf), ['ENOENT', '', '']);
  });

  it('has a stack with its causes', () => {
    const stack = describeStack(new Error('outer', { cause: new Error('inner', { cause: 'text' }) }));
    assert.match(
      stack,
      /^Error: outer\n {4}at [\s\S]*\nCaused by: Error: inner\n {4}at [\s\S]*\nCaused by: text$/,
    );
  });

  it('has its message for a stack when it has none', () => {
    const error = new Error('oh');
    delete error.stack;
    assert.equal(describeStack(error), 'oh');
  });
});
