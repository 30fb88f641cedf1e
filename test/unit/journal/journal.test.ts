import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, it } from 'node:test';
import { Journal, readJournal } from '../../../src/journal/journal.ts';
import type { ScriptCallSettings } from '../../../src/script/script.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { posixOnly } from '../fixtures/program.ts';
import { exampleRecord } from '../fixtures/records.ts';

const script: ScriptCallSettings = {
  program: '/workspace/dns.sh',
  workspace: '/workspace',
  timeLimit: 300,
  environment: { TOKEN: 'secret' },
  protocol: {
    path: './dns.sh',
    mode: 'default',
    delimiter: 'lego',
    pollingInterval: 3,
    propagationTimeout: 60,
    sequenceInterval: undefined,
  },
};
const [first, second] = ['first', 'second'].map((value) => exampleRecord({ value }));
assert.ok(first !== undefined && second !== undefined);

let file = '';
let folder = '';
describe('a journal in a folder of its own', () => {
  beforeEach(() => {
    folder = temporaryFolder('journal');
    file = path.join(folder, 'sub', 'journal.jsonl');
  });

  /** The values of what is left, and the processes that may still set them. */
  function left(): [string, number | undefined][] {
    return (readJournal(file)?.left ?? []).map(({ record, processId }) => [record.value, processId]);
  }

  describe('the journal', () => {
    it('is no file before the first record', () => {
      new Journal(file, script);
      assert.equal(existsSync(file), false);
    });

    it('gives back all that the post step needs', () => {
      new Journal(file, script).presenting(first);
      const read = readJournal(file);
      assert.deepEqual(read?.script, JSON.parse(JSON.stringify(script)));
      assert.deepEqual(read?.left, [{ number: 1, record: first, processId: undefined }]);
    });

    it('knows a record from before the script is called', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      journal.presenting(second);
      assert.deepEqual(left(), [
        ['first', undefined],
        ['second', undefined],
      ]);
    });

    it('knows the process of a call while no end of it is known', () => {
      const journal = new Journal(file, script);
      journal.started(journal.presenting(first), 4711);
      assert.deepEqual(left(), [['first', 4711]]);
    });

    it('forgets the process when the call has ended; the record stays', () => {
      const journal = new Journal(file, script);
      const number = journal.presenting(first);
      journal.started(number, 4711);
      journal.presented(number);
      assert.deepEqual(left(), [['first', undefined]]);
    });

    it('forgets a record that was cleaned up', () => {
      const journal = new Journal(file, script);
      const number = journal.presenting(first);
      journal.presenting(second);
      journal.cleaned(number);
      assert.deepEqual(left(), [['second', undefined]]);
    });

    it('goes on where the file ends when it is read back', () => {
      new Journal(file, script).presenting(first);
      const read = readJournal(file);
      read?.journal.cleaned(1);
      assert.deepEqual(left(), []);
    });

    it('gives new numbers after it was read back', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      journal.presenting(first);
      assert.equal(readJournal(file)?.journal.presenting(second), 3);
    });

    it('passes by a last line that a kill cut short', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      appendFileSync(file, '{"event":"presenting","number":2,"rec');
      assert.deepEqual(left(), [['first', undefined]]);
    });

    it('cut short within its first line has presented nothing', () => {
      new Journal(file, script).presenting(first);
      writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
      assert.equal(readJournal(file), undefined);
    });

    it('passes by events of records that it does not know', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      journal.started(9, 4711);
      journal.cleaned(9);
      assert.deepEqual(left(), [['first', undefined]]);
    });

    it('is gone when it is closed', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      journal.close();
      assert.equal(existsSync(file), false);
    });

    it('may be closed when there was nothing to write', () => {
      assert.doesNotThrow(() => new Journal(file, script).close());
    });

    it('begins anew after it was closed', () => {
      const journal = new Journal(file, script);
      journal.presenting(first);
      journal.close();
      journal.presenting(second);
      assert.deepEqual(left(), [['second', undefined]]);
    });

    it('is for its owner alone: it holds what exec-env gives', { skip: posixOnly }, () => {
      new Journal(file, script).presenting(first);
      assert.deepEqual(
        [statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777],
        [0o600, 0o700],
      );
    });
  });

  describe('a journal that cannot be written', () => {
    it('stops the presenting with a failure that names the name and the file', () => {
      writeFileSync(path.join(folder, 'sub'), 'a file where the folder should be');
      assert.throws(() => new Journal(file, script).presenting(first), {
        title: 'The journal cannot be written',
        message: /^example\.com: the journal of presented records, .*journal\.jsonl, cannot be written: E/,
      });
    });

    it('for a moment is whole all the same', () => {
      const journal = new Journal(file, script);
      writeFileSync(path.join(folder, 'sub'), 'a file where the folder should be');
      assert.throws(() => journal.presenting(first));
      rmSync(path.join(folder, 'sub'));
      journal.presenting(second);
      assert.deepEqual(left(), [['second', undefined]]);
    });
  });

  describe('a journal that is read', () => {
    it('is nothing when there is no file', () => {
      assert.equal(readJournal(file), undefined);
    });

    it('is a failure that says what to look for when the file cannot be read', () => {
      mkdirSync(file, { recursive: true });
      assert.throws(() => readJournal(file), {
        title: 'The journal cannot be read',
        advice: 'Look for _acme-challenge TXT records that this run left, and remove them by hand.',
      });
    });
  });
});
