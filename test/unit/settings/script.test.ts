import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseEnvironment, readScriptSettings, type ScriptSettings } from '../../../src/settings/script.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';
import { shellScript } from '../fixtures/program.ts';

const workspace = temporaryFolder('script-settings');
const program = shellScript(workspace, '', 'dns.sh');
const places = { workspace, searchPath: '', platform: process.platform };

const settings = (
  inputs: Record<string, string>,
  environment: Record<string, string> = {},
): ScriptSettings => {
  const all = new Map(Object.entries({ 'exec-path': './dns.sh', ...inputs }));
  const read = accepted((problems) => readScriptSettings(all, environment, places, true, problems));
  assert.ok(read !== undefined);
  return read;
};
const faults = (inputs: Record<string, string>, environment: Record<string, string> = {}): string[] => {
  const all = new Map(Object.entries({ 'exec-path': './dns.sh', ...inputs }));
  return problemsOf((problems) => readScriptSettings(all, environment, places, true, problems));
};

describe('the settings of the script', () => {
  it('have the defaults of the contract', () => {
    assert.deepEqual(settings({}), {
      program,
      writtenPath: './dns.sh',
      workspace,
      mode: 'default',
      delimiter: 'lego',
      pollingInterval: undefined,
      propagationTimeout: undefined,
      sequenceInterval: undefined,
      concurrency: 1,
      timeLimit: 300,
      environment: {},
    });
  });

  it('come from EXEC_* variables', () => {
    const read = settings(
      { 'exec-path': '' },
      {
        EXEC_PATH: './dns.sh',
        EXEC_MODE: 'raw',
        EXEC_DELIMITER: 'After-Name',
        EXEC_POLLING_INTERVAL: '7',
        EXEC_PROPAGATION_TIMEOUT: '8',
        EXEC_SEQUENCE_INTERVAL: '9',
      },
    );
    assert.deepEqual(
      [
        read.program,
        read.mode,
        read.delimiter,
        read.pollingInterval,
        read.propagationTimeout,
        read.sequenceInterval,
      ],
      [program, 'RAW', 'after-name', 7, 8, 9],
    );
  });

  it('come from the input where both are given', () => {
    const read = settings(
      { 'exec-mode': 'none', 'exec-polling-interval': '1' },
      { EXEC_MODE: 'RAW', EXEC_POLLING_INTERVAL: '2' },
    );
    assert.deepEqual([read.mode, read.pollingInterval], ['default', 1]);
  });

  it('count a variable of white space as unset', () => {
    assert.equal(settings({}, { EXEC_POLLING_INTERVAL: ' ' }).pollingInterval, undefined);
  });

  it('name the variable when it is the variable that is wrong', () => {
    assert.deepEqual(faults({}, { EXEC_MODE: 'row' }), ['EXEC_MODE: "row" is not a mode; use RAW or none.']);
  });

  it('name the input when it is the input that is wrong', () => {
    assert.deepEqual(faults({ 'exec-mode': 'row' }), ['exec-mode: "row" is not a mode; use RAW or none.']);
  });

  it('require a path', () => {
    assert.deepEqual(faults({ 'exec-path': '' }), [
      'exec-path: is required: the path of the script that sets the DNS record (or set EXEC_PATH).',
    ]);
  });

  it('are none when no path is given and none is required', () => {
    const read = accepted((problems) => readScriptSettings(new Map(), {}, places, false, problems));
    assert.equal(read, undefined);
  });

  for (const word of ['lego', 'first', 'after-name', 'none'] as const) {
    it(`know the delimiter ${word}`, () => {
      assert.equal(settings({ 'exec-delimiter': word.toUpperCase() }).delimiter, word);
    });
  }

  it('know no other delimiter', () => {
    assert.deepEqual(faults({ 'exec-delimiter': '--' }), [
      'exec-delimiter: "--" is not a place for "--"; use lego, first, after-name or none.',
    ]);
  });

  it('know no sequence together with side by side', () => {
    assert.deepEqual(faults({ 'exec-sequence-interval': '0', 'exec-concurrency': '2' }), [
      'exec-concurrency: "2" contradicts exec-sequence-interval, which serves one name after another; leave one of them out.',
    ]);
  });

  it('allow a sequence with a concurrency of 1', () => {
    assert.deepEqual(faults({ 'exec-sequence-interval': '0', 'exec-concurrency': '1' }), []);
  });

  for (const [input, text, minimum] of [
    ['exec-polling-interval', '0', '0.1'],
    ['exec-propagation-timeout', '-1', '0'],
    ['exec-sequence-interval', 'x', '0'],
    ['exec-time-limit', '0.5', '1'],
  ] as const) {
    it(`bound ${input}`, () => {
      assert.deepEqual(faults({ [input]: text }), [
        `${input}: "${text}" is not a number of seconds from ${minimum} to 86400; give one, or leave it empty.`,
      ]);
    });
  }

  it('bound exec-concurrency', () => {
    assert.deepEqual(faults({ 'exec-concurrency': '101' }), [
      'exec-concurrency: "101" is not a whole number of calls from 1 to 100; give one, or leave it empty.',
    ]);
  });

  it('take exec-concurrency and exec-time-limit', () => {
    const read = settings({ 'exec-concurrency': '8', 'exec-time-limit': '20' });
    assert.deepEqual([read.concurrency, read.timeLimit], [8, 20]);
  });
});

describe('exec-env', () => {
  const read = (text: string): Record<string, string> =>
    accepted((problems) => parseEnvironment(text, problems));

  it('is one NAME=value a line; empty lines and comments are skipped', () => {
    assert.deepEqual(read('A=1\r\n\n  # note\n  B_2=x=y \n'), { A: '1', B_2: 'x=y' });
  });

  it('allows an empty value', () => {
    assert.deepEqual(read('A='), { A: '' });
  });

  for (const line of ['secret', '=secret', '1A=secret', 'A-B=secret', 'export A=secret']) {
    it(`does not show a line such as "${line.replace('secret', '…')}"`, () => {
      assert.deepEqual(
        problemsOf((problems) => parseEnvironment(`A=1\n${line}`, problems)),
        ['exec-env: "line 2" does not read NAME=value; its text is not shown, as it may be a secret.'],
      );
    });
  }

  for (const name of ['INPUT_DOMAINS', 'state_journal']) {
    it(`cannot set ${name}, which scripts never get`, () => {
      assert.deepEqual(
        problemsOf((problems) => parseEnvironment(`${name}=secret`, problems)),
        [`exec-env: "line 1, ${name}" is a name of the runner that scripts never get; choose another.`],
      );
    });
  }
});
