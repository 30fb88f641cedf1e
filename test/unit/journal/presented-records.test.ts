import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Journal, readJournal } from '../../../src/journal/journal.ts';
import { endLeftCalls, PresentedRecords } from '../../../src/journal/presented-records.ts';
import type { ScriptRecord } from '../../../src/script/arguments.ts';
import { DnsScript } from '../../../src/script/script.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { posixOnly, shellScript } from '../fixtures/program.ts';
import { exampleRecord } from '../fixtures/records.ts';

const never = new AbortController().signal;

/** Records with a script of that body, which is called in a folder of its own. */
function recordsOf(body: string): {
  records: PresentedRecords;
  lines: string[];
  journalFile: string;
  calls: () => string[];
} {
  const workspace = temporaryFolder('records');
  const { log, lines } = recordingLog();
  const script = new DnsScript(
    {
      program: shellScript(workspace, `echo "$1 $3" >> calls\n${body}`),
      workspace,
      timeLimit: 20,
      environment: {},
      protocol: {
        path: './script.sh',
        mode: 'default',
        delimiter: 'lego',
        pollingInterval: 3,
        propagationTimeout: 60,
        sequenceInterval: undefined,
      },
    },
    { PATH: process.env.PATH },
    log,
  );
  const journalFile = path.join(workspace, 'journal.jsonl');
  const calls = (): string[] => {
    const file = path.join(workspace, 'calls');
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  };
  return {
    records: new PresentedRecords(script, new Journal(journalFile, script.settings), log),
    lines,
    journalFile,
    calls,
  };
}

/** Records of these values; `name/value` for another name than example.com. */
function recordsFor(...wanted: string[]): ScriptRecord[] {
  return wanted.map((text) => {
    const [value = '', name = 'example.com'] = text.split('/').reverse();
    return exampleRecord({ value, orderedName: name, fqdn: `_acme-challenge.${name}.` });
  });
}

const valuesIn = (journalFile: string): string[] =>
  (readJournal(journalFile)?.left ?? []).map(({ record }) => record.value);

describe('presenting records', { concurrency: true, skip: posixOnly }, () => {
  it('calls the script for each in the order given', async () => {
    const { records, calls } = recordsOf('');
    await records.present(recordsFor('a/1', 'b/2', 'a/3'), 1, never);
    assert.deepEqual(calls(), ['present 1', 'present 2', 'present 3']);
  });

  it('writes each to the journal before the script is called', async () => {
    const { records } = recordsOf(
      'grep -q "\\"event\\":\\"presenting\\".*\\"value\\":\\"$3\\"" journal.jsonl',
    );
    await assert.doesNotReject(records.present(recordsFor('1', '2'), 1, never));
  });

  it('keeps each in the journal afterwards, without its process', async () => {
    const { records, journalFile } = recordsOf('');
    await records.present(recordsFor('1', '2'), 1, never);
    assert.deepEqual(
      readJournal(journalFile)?.left.map(({ record, processId }) => [record.value, processId]),
      [
        ['1', undefined],
        ['2', undefined],
      ],
    );
  });

  it('has the process of a call in the journal while it runs', async () => {
    const { records } = recordsOf(
      'while ! grep -q "\\"event\\":\\"started\\",\\"number\\":1,\\"processId\\":$$}" journal.jsonl; do sleep 0.01; done',
    );
    await assert.doesNotReject(records.present(recordsFor('1'), 1, never));
  });

  it('side by side has calls for several names run at once', async () => {
    const { records } = recordsOf(`touch "$3"
while [ ! -e 1 ] || [ ! -e 2 ]; do sleep 0.01; done`);
    await assert.doesNotReject(records.present(recordsFor('a/1', 'b/2'), 2, never));
  });

  it('side by side never has two calls for one name at once', async () => {
    const { records, calls } = recordsOf('mkdir "lock.$2" && sleep 0.05 && rmdir "lock.$2"');
    await records.present(recordsFor('a/1', 'b/2', 'a/3', 'b/4'), 4, never);
    assert.deepEqual(calls().toSorted(), ['present 1', 'present 2', 'present 3', 'present 4']);
  });

  it('stops at the first script that fails; its record stays to be cleaned up, as it may stand', async () => {
    const { records, journalFile, calls } = recordsOf('[ "$3" != 2 ]');
    await assert.rejects(records.present(recordsFor('1', '2', '3'), 1, never), {
      title: 'The script failed for example.com',
    });
    assert.deepEqual(calls(), ['present 1', 'present 2']);
    assert.deepEqual(valuesIn(journalFile), ['1', '2']);
  });

  it('calls nothing more once the run is cancelled', async () => {
    const cancel = new AbortController();
    const { records, calls } = recordsOf('');
    cancel.abort(new Error('cancelled'));
    await assert.rejects(records.present(recordsFor('1'), 1, cancel.signal), { message: 'cancelled' });
    assert.deepEqual(calls(), []);
  });

  it('goes on when a note in the journal fails: it only costs a second clean-up', async () => {
    const { records, lines } = recordsOf('rm journal.jsonl; mkdir journal.jsonl');
    await assert.doesNotReject(records.present(recordsFor('1'), 1, never));
    assert.match(linesOf(lines, 'debug').join('\n'), /^The journal could not be written: EISDIR/m);
  });

  it('again of a record that still stands is one entry of the journal', async () => {
    const { records, journalFile } = recordsOf('');
    const [record] = recordsFor('1');
    assert.ok(record !== undefined);
    await records.present([record], 1, never);
    await records.present([record], 1, never);
    assert.deepEqual(valuesIn(journalFile), ['1']);
  });
});

describe('cleaning records up', { concurrency: true, skip: posixOnly }, () => {
  it('calls the script for all that stand, and leaves no journal', async () => {
    const { records, journalFile, calls } = recordsOf('');
    await records.present(recordsFor('1', '2'), 1, never);
    const { cleaned, left } = await records.cleanUp(1, never);
    assert.deepEqual([cleaned.length, left.length], [2, 0]);
    assert.deepEqual(calls().slice(2), ['cleanup 1', 'cleanup 2']);
    assert.equal(existsSync(journalFile), false);
  });

  it('may be for some of them; the others stay in the journal', async () => {
    const { records, journalFile } = recordsOf('');
    const [first, second] = recordsFor('1', '2');
    assert.ok(first !== undefined && second !== undefined);
    await records.present([first, second], 1, never);
    await records.cleanUp(1, never, [first]);
    assert.deepEqual(valuesIn(journalFile), ['2']);
  });

  it('calls nothing for what does not stand', async () => {
    const { records, calls } = recordsOf('');
    assert.deepEqual(await records.cleanUp(1, never, recordsFor('1')), { cleaned: [], left: [] });
    assert.deepEqual(calls(), []);
  });

  it('tries once more when the script fails', async () => {
    const { records, lines, calls } = recordsOf('[ "$1" = present ] || [ "$(grep -c cleanup calls)" = 2 ]');
    await records.present(recordsFor('1'), 1, never);
    const { left } = await records.cleanUp(1, never);
    assert.deepEqual(left, []);
    assert.deepEqual(calls(), ['present 1', 'cleanup 1', 'cleanup 1']);
    assert.deepEqual(linesOf(lines, 'warning'), []);
  });

  it('that fails twice is a warning, and the record stays in the journal for the post step', async () => {
    const { records, lines, journalFile } = recordsOf('[ "$1" = present ]');
    await records.present(recordsFor('1'), 1, never);
    const { left } = await records.cleanUp(1, never);
    assert.equal(left.length, 1);
    assert.deepEqual(valuesIn(journalFile), ['1']);
    const [warning = '', more] = linesOf(lines, 'warning');
    assert.equal(more, undefined);
    assert.match(
      warning,
      /^A TXT record was left for example\.com: example\.com: the script's cleanup ended with/,
    );
    assert.match(warning, /\nRemove the TXT record _acme-challenge\.example\.com\. with the value 1 by hand/);
  });

  it('goes on with the other records when one fails', async () => {
    const { records, journalFile } = recordsOf('[ "$1$3" != cleanup1 ]');
    await records.present(recordsFor('1', '2'), 1, never);
    await records.cleanUp(1, never);
    assert.deepEqual(valuesIn(journalFile), ['1']);
  });

  it('that is urgently ended leaves the rest to the post step, without warnings', async () => {
    const { records, lines, journalFile } = recordsOf('');
    await records.present(recordsFor('1', '2'), 1, never);
    const { left } = await records.cleanUp(1, AbortSignal.abort(new Error('urgent')));
    assert.equal(left.length, 2);
    assert.deepEqual(valuesIn(journalFile), ['1', '2']);
    assert.deepEqual(linesOf(lines, 'warning'), []);
  });

  it('in the post step is for what the journal says', async () => {
    const { records, journalFile, calls } = recordsOf('');
    await records.present(recordsFor('1', '2'), 1, never);
    const found = readJournal(journalFile);
    assert.ok(found !== undefined);
    const { log } = recordingLog();
    const script = new DnsScript(found.script, { PATH: process.env.PATH }, log);
    await new PresentedRecords(script, found.journal, log, found.left).cleanUp(1, never);
    assert.deepEqual(calls().slice(2), ['cleanup 1', 'cleanup 2']);
    assert.equal(existsSync(journalFile), false);
  });
});

describe('calls that outlived their run', { skip: posixOnly }, () => {
  const [record] = recordsFor('the-value');
  assert.ok(record !== undefined);

  it('are ended when their command line is that of a call', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const entry = { number: 1, record, processId: child.pid };
    assert.equal(
      endLeftCalls([entry], () => 'dns.sh present _acme-challenge.example.com. the-value'),
      1,
    );
    assert.deepEqual(await ended, [null, 'SIGKILL']);
  });

  it('are ended in RAW mode as well', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const entry = { number: 1, record, processId: child.pid };
    assert.equal(
      endLeftCalls([entry], () => `dns.sh present -- example.com the-token ${record.keyAuthorization}`),
      1,
    );
    await ended;
  });

  it('are not another process that got the same id later', async () => {
    const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const entry = { number: 1, record, processId: child.pid };
    assert.deepEqual(
      [endLeftCalls([entry], () => 'sleep 600'), endLeftCalls([entry], () => undefined)],
      [0, 0],
    );
    assert.equal(child.exitCode, null);
    child.kill('SIGKILL');
    await ended;
  });

  it('are none when the calls have ended', () => {
    const entry = { number: 1, record, processId: undefined };
    assert.equal(
      endLeftCalls([entry], () => assert.fail('A command line was asked for.')),
      0,
    );
  });
});
