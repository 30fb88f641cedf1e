import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inertText, logLine } from '../../../src/runner/script-output.ts';

describe('a line of a script', () => {
  it('is prefixed with the name that it works for', () => {
    assert.equal(logLine('*.example.com', 'adding the record'), '*.example.com | adding the record');
  });

  for (const line of [
    '::set-output name=a::b',
    '::group::x',
    '::stop-commands::token',
    '::save-state name=a::b',
    '  ::set-env name=A::b',
    '::error',
    '::errors::x',
    '::error title=x',
    '::add-maskx::y',
  ]) {
    it(`is inert behind the prefix: ${line}`, () => {
      assert.equal(logLine('a.example', line), `a.example | ${line}`);
    });
  }

  for (const line of [
    '::add-mask::secret',
    '::debug::text',
    '::notice::text',
    '::notice title=A title,file=x::text',
    '::warning file=a.sh,line=1::text',
    '::error::',
    '::Error::text',
  ]) {
    it(`passes through: ${line}`, () => {
      assert.equal(logLine('a.example', line), line);
    });
  }

  it('passes through without the white space before it, as the runner reads it', () => {
    assert.equal(logLine('a.example', '  ::add-mask::secret'), '::add-mask::secret');
  });

  it('has commands of the first form taken apart, which the runner obeys anywhere in a line', () => {
    assert.equal(
      logLine('a.example', 'x ##[add-path]y ##[group]'),
      'a.example | x ## [add-path]y ## [group]',
    );
  });
});

describe('any other text in the log', () => {
  it('has commands at the start of each of its lines taken apart', () => {
    assert.equal(
      inertText('fine\n::set-output name=a::b\r\n  ::group::c\r::end'),
      'fine\n: :set-output name=a::b\n  : :group::c\n: :end',
    );
  });

  it('has commands of the first form taken apart', () => {
    assert.equal(inertText('a ##[error]b'), 'a ## [error]b');
  });

  it('stays as it is when it has no command', () => {
    assert.equal(inertText('2001:db8::1 a::b'), '2001:db8::1 a::b');
  });
});
