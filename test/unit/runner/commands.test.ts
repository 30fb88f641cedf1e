import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import * as runner from '../../../src/runner/commands.ts';
import { temporaryFolder } from '../../rig/folder.ts';

const folder = temporaryFolder('runner');
const files = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];
const before = new Map(files.map((name) => [name, process.env[name]]));

describe('what the runner is told', () => {
  const { exitCode } = process;
  beforeEach(() => {
    for (const name of files) {
      delete process.env[name];
    }
  });

  afterEach(() => {
    process.exitCode = exitCode;
    for (const [name, value] of before) {
      if (value === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = value;
      }
    }
  });

  /** A file of the runner, empty, named by a variable. */
  function runnerFile(variable: string): string {
    const file = path.join(folder, variable);
    writeFileSync(file, '');
    process.env[variable] = file;
    return file;
  }

  /** What some work writes to standard output. It must not wait for anything: the test runner reports there as well. */
  function printed(work: () => void): string {
    const { write } = process.stdout;
    let text = '';
    process.stdout.write = (chunk: string | Uint8Array): boolean => {
      text += String(chunk);
      return true;
    };
    try {
      work();
    } finally {
      process.stdout.write = write;
    }
    return text.replaceAll('\r\n', '\n');
  }

  describe('inputs', () => {
    it('are read by their names in upper case, trimmed', () => {
      const inputs = runner.readInputs(['exec-path', 'domains'], { 'INPUT_EXEC-PATH': ' ./dns.sh \n' });
      assert.deepEqual(
        [...inputs],
        [
          ['exec-path', './dns.sh'],
          ['domains', ''],
        ],
      );
    });
  });

  describe('outputs and state', () => {
    it('go to the runner’s file, line ends included', () => {
      const file = runnerFile('GITHUB_OUTPUT');
      runner.setOutput('reason', 'one\ntwo');
      const [, delimiter, value] =
        /^reason<<(\S+)\r?\n([\s\S]*?)\r?\n\1\r?\n$/.exec(readFileSync(file, 'utf8')) ?? [];
      assert.ok(delimiter?.startsWith('ghadelimiter_'));
      assert.equal(value, 'one\ntwo');
    });

    it('go to the state file for the post step', () => {
      const file = runnerFile('GITHUB_STATE');
      runner.saveState('journal', '/tmp/j');
      assert.match(readFileSync(file, 'utf8'), /^journal<<(\S+)\r?\n\/tmp\/j\r?\n\1\r?\n$/);
    });

    it('are commands where the runner gives no file', () => {
      assert.equal(
        printed(() => runner.setOutput('reason', 'a%b\nc')),
        '\n::set-output name=reason::a%25b%0Ac\n',
      );
    });

    it('come back to the post step in its environment', () => {
      assert.deepEqual(
        [runner.readState('journal', { STATE_journal: '/tmp/j' }), runner.readState('journal', {})],
        ['/tmp/j', ''],
      );
    });
  });

  describe('the journal’s path', () => {
    it('is among the job’s temporary files, and another one for each step', () => {
      const [first, second] = [1, 2].map(() => runner.journalFile({ RUNNER_TEMP: folder }));
      assert.equal(path.relative(folder, path.dirname(first as string)), 'acme-exec-journal');
      assert.notEqual(first, second);
    });
  });

  describe('a secret', () => {
    it('is masked line by line, without white space, and without the lines around PEM', () => {
      const pem = '-----BEGIN PRIVATE KEY-----\r\nabc\n\n  def \r-----END PRIVATE KEY-----\n';
      assert.equal(
        printed(() => runner.mask(pem)),
        '::add-mask::abc\n::add-mask::def\n',
      );
    });
  });

  describe('a failure', () => {
    it('is an annotation with a title, and the step’s exit code', () => {
      assert.equal(
        printed(() => runner.fail('A title: bad', 'first\nsecond')),
        '::error title=A title%3A bad::first%0Asecond\n',
      );
      assert.equal(process.exitCode, 1);
    });
  });

  describe('the log', () => {
    it('cannot be made to give commands by what it tells', () => {
      assert.equal(
        printed(() => runner.runnerLog.info('::stop-commands::x')),
        ': :stop-commands::x\n',
      );
    });

    it('prefixes the lines of a script', () => {
      assert.equal(
        printed(() => runner.runnerLog.scriptLine('a.example', '::group::x')),
        'a.example | ::group::x\n',
      );
    });

    it('has debug lines, notices and warnings as commands', () => {
      const text = printed(() => {
        runner.runnerLog.debug('d');
        runner.runnerLog.notice('n, title', 'n');
        runner.runnerLog.warning('w title', 'w');
      });
      assert.equal(text, '::debug::d\n::notice title=n%2C title::n\n::warning title=w title::w\n');
    });

    it('is in debug mode when the runner says so', () => {
      assert.deepEqual([runner.isDebug({ RUNNER_DEBUG: '1' }), runner.isDebug({})], [true, false]);
    });
  });

  describe('the job summary', () => {
    it('is told nothing where there is none, and appended to where there is', async () => {
      await assert.doesNotReject(runner.writeSummary('lost'));
      const file = runnerFile('GITHUB_STEP_SUMMARY');
      await runner.writeSummary('# One');
      await runner.writeSummary('# Two');
      assert.equal(readFileSync(file, 'utf8').replaceAll('\r\n', '\n'), '# One\n# Two\n');
    });
  });
});
