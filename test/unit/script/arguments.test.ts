import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ScriptDelimiter, type ScriptMode, scriptArguments } from '../../../src/script/arguments.ts';
import { exampleRecord } from '../fixtures/records.ts';

const record = exampleRecord({
  fqdn: 'elsewhere.example.net.',
  domain: 'example.com',
  orderedName: '*.example.com',
  value: '-digest',
  token: '-token',
  keyAuthorization: '-token.thumb',
});

/** The table of the contract. */
const rows: [ScriptMode, ScriptDelimiter, string[]][] = [
  ['default', 'lego', ['elsewhere.example.net.', '-digest']],
  ['default', 'none', ['elsewhere.example.net.', '-digest']],
  ['default', 'first', ['--', 'elsewhere.example.net.', '-digest']],
  ['default', 'after-name', ['elsewhere.example.net.', '--', '-digest']],
  ['RAW', 'lego', ['--', 'example.com', '-token', '-token.thumb']],
  ['RAW', 'first', ['--', 'example.com', '-token', '-token.thumb']],
  ['RAW', 'after-name', ['example.com.', '--', '-token', '-token.thumb']],
  ['RAW', 'none', ['example.com', '-token', '-token.thumb']],
];

describe('the arguments of the script', () => {
  for (const action of ['present', 'cleanup'] as const) {
    for (const [mode, delimiter, rest] of rows) {
      it(`are ${[action, ...rest].join(' ')} in mode ${mode} with the delimiter ${delimiter}`, () => {
        assert.deepEqual(scriptArguments(action, mode, delimiter, record), [action, ...rest]);
      });
    }
  }
});
