import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OutputStream, type ProgramCall, runProgram } from '../../../src/script/run.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { posixOnly, program, shellScript } from '../fixtures/program.ts';

interface Line {
  line: string;
  stream: OutputStream;
}

/** A call of a shell script with that body, in a folder of its own. */
function callOf(body: string, change: Partial<ProgramCall> = {}): { call: ProgramCall; lines: Line[] } {
  const folder = temporaryFolder('run');
  const lines: Line[] = [];
  const call = {
    program: shellScript(folder, body),
    arguments: [],
    workingFolder: folder,
    environment: { PATH: process.env.PATH ?? '' },
    timeLimit: 20,
    onLine: (line: string, stream: OutputStream) => lines.push({ line, stream }),
    ...change,
  };
  return { call, lines };
}

/** Waits until a file of the call's folder holds a whole line, and gives it as a number. */
async function processIdIn(call: ProgramCall, file: string): Promise<number> {
  const place = path.join(call.workingFolder, file);
  while (!existsSync(place) || !readFileSync(place, 'utf8').endsWith('\n')) {
    await sleep(5);
  }
  return Number(readFileSync(place, 'utf8'));
}

/** Resolves when a process has ended; a test that waits for one that lives on runs into its time limit. */
async function hasEnded(processId: number): Promise<void> {
  while (isRunning(processId)) {
    await sleep(5);
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
  } catch {
    return false;
  }
  // A child whose parent has ended is adopted, and in a container nobody may be there to reap it.
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
  } catch {
    return process.platform !== 'linux';
  }
}

const limits = { concurrency: true, skip: posixOnly, timeout: 15_000 };

describe('a call of a program', limits, () => {
  describe('a program that ends by itself', limits, () => {
    for (const exitCode of [0, 1, 127, 255]) {
      it(`gives its exit code ${exitCode}`, async () => {
        const { exitCode: given, ended, detail } = await runProgram(callOf(`exit ${exitCode}`).call);
        assert.deepEqual({ given, ended, detail }, { given: exitCode, ended: 'by itself', detail: '' });
      });
    }

    it('gets its arguments as they are, without a shell', async () => {
      const args = ['a b', '$HOME', '"', "'", '*', '', ';', '\\'];
      const { call, lines } = callOf(`for a in "$@"; do printf '<%s>\\n' "$a"; done`, { arguments: args });
      await runProgram(call);
      assert.deepEqual(
        lines.map(({ line }) => line),
        args.map((arg) => `<${arg}>`),
      );
    });

    it('may have spaces and quotes in its path', async () => {
      const folder = temporaryFolder('run');
      const { call } = callOf('', { program: shellScript(folder, 'exit 7', `a "b" 'c' $d.sh`) });
      assert.equal((await runProgram(call)).exitCode, 7);
    });

    it('gets the environment that it is given, and nothing else', async () => {
      const { call, lines } = callOf('echo "$ONE $(printenv HOME || echo unset)"', {
        environment: { PATH: process.env.PATH ?? '', ONE: '1' },
      });
      await runProgram(call);
      assert.deepEqual(
        lines.map(({ line }) => line),
        ['1 unset'],
      );
    });

    it('without an interpreter line is run by /bin/sh, as a shell would', async () => {
      const folder = temporaryFolder('run');
      const { call } = callOf('', { program: program(folder, 'exit 5\n', 'bare') });
      assert.equal((await runProgram(call)).exitCode, 5);
    });

    it('runs in its working folder', async () => {
      const { call } = callOf('echo here > mark');
      await runProgram(call);
      assert.equal(readFileSync(path.join(call.workingFolder, 'mark'), 'utf8'), 'here\n');
    });

    it('has an empty standard input', async () => {
      const { call, lines } = callOf('cat; echo done');
      await runProgram(call);
      assert.deepEqual(
        lines.map(({ line }) => line),
        ['done'],
      );
    });

    it('has its lines handed over with the stream that they came from', async () => {
      const { call, lines } = callOf('echo out; echo err >&2');
      await runProgram(call);
      assert.deepEqual(
        lines.toSorted((a, b) => a.line.localeCompare(b.line)),
        [
          { line: 'err', stream: 'stderr' },
          { line: 'out', stream: 'stdout' },
        ],
      );
    });

    it('has its last line handed over even without a newline', async () => {
      const { call } = callOf('printf cut');
      assert.deepEqual((await runProgram(call)).lastLines, ['cut']);
    });

    it('tells its process id as soon as it runs', async () => {
      let told: number | undefined;
      const { call, lines } = callOf('echo $$', { onStart: (processId) => (told = processId) });
      await runProgram(call);
      assert.equal(lines[0]?.line, String(told));
    });
  });

  describe('a program that is ended by a signal', limits, () => {
    it('gives the signal’s name and no exit code', async () => {
      const { exitCode, ended, detail } = await runProgram(callOf('kill -KILL $$').call);
      assert.deepEqual(
        { exitCode, ended, detail },
        { exitCode: undefined, ended: 'by signal', detail: 'SIGKILL' },
      );
    });
  });

  describe('a program that does not start', limits, () => {
    it('is told when it is not there', async () => {
      const { call } = callOf('', { program: path.join(temporaryFolder('run'), 'none') });
      const { exitCode, ended, detail } = await runProgram(call);
      assert.deepEqual(
        { exitCode, ended, detail },
        { exitCode: undefined, ended: 'not started', detail: 'ENOENT' },
      );
    });

    it('is told when it has no run bit', async () => {
      const folder = temporaryFolder('run');
      const file = path.join(folder, 'plain');
      writeFileSync(file, '#!/bin/sh\n', { mode: 0o644 });
      const { ended, detail } = await runProgram(callOf('', { program: file }).call);
      assert.deepEqual({ ended, detail }, { ended: 'not started', detail: 'EACCES' });
    });

    it('is told when its working folder is not there', async () => {
      const { call } = callOf('', { workingFolder: path.join(temporaryFolder('run'), 'none') });
      const { ended, detail } = await runProgram(call);
      assert.deepEqual({ ended, detail }, { ended: 'not started', detail: 'ENOENT' });
    });
  });

  describe('a program that takes longer than its time limit', limits, () => {
    it('is ended, and that is told', async () => {
      const { call } = callOf('echo working; exec sleep 600', { timeLimit: 0.3 });
      const { exitCode, ended, lastLines } = await runProgram(call);
      assert.deepEqual(
        { exitCode, ended, lastLines },
        { exitCode: undefined, ended: 'time limit', lastLines: ['working'] },
      );
    });

    it('is ended with its children', async () => {
      const { call } = callOf('sleep 600 & echo $! > child; wait', { timeLimit: 0.3 });
      await runProgram(call);
      await hasEnded(await processIdIn(call, 'child'));
    });

    it('may end in its own way on SIGTERM; its exit code does not count as success', async () => {
      const { call } = callOf('trap "echo tidied; exit 0" TERM; sleep 600 & wait', { timeLimit: 0.3 });
      const { ended, lastLines } = await runProgram(call);
      assert.deepEqual({ ended, lastLines }, { ended: 'time limit', lastLines: ['tidied'] });
    });

    it('is killed when it ignores SIGTERM', async () => {
      const { call } = callOf('trap "" TERM; while :; do sleep 0.05; done', { timeLimit: 0.3 });
      const { ended, detail } = await runProgram(call);
      assert.deepEqual({ ended, detail }, { ended: 'time limit', detail: 'SIGKILL' });
    });

    it('has its children killed that ignore SIGTERM while it does not', async () => {
      const { call } = callOf(
        `sh -c 'trap "" TERM; echo $$ > child; while :; do sleep 0.05; done' &
while [ ! -s child ]; do sleep 0.01; done
wait`,
        { timeLimit: 0.5 },
      );
      await runProgram(call);
      await hasEnded(await processIdIn(call, 'child'));
    });
  });

  describe('a program whose run is cancelled', limits, () => {
    it('is ended with its children', async () => {
      const cancel = new AbortController();
      const { call } = callOf('sleep 600 & echo $! > child; wait', { signal: cancel.signal });
      const result = runProgram(call);
      const child = await processIdIn(call, 'child');
      cancel.abort();
      assert.equal((await result).ended, 'cancelled');
      await hasEnded(child);
    });

    it('is ended at once when the run was cancelled before', async () => {
      const { call } = callOf('sleep 600', { signal: AbortSignal.abort() });
      assert.equal((await runProgram(call)).ended, 'cancelled');
    });
  });

  describe('a program that leaves a child in the background', limits, () => {
    it('is not waited for although the child holds standard output open', async () => {
      const { call } = callOf('sleep 600 & echo $! > child; echo done');
      const { exitCode, lastLines } = await runProgram(call);
      const child = await processIdIn(call, 'child');
      try {
        assert.deepEqual({ exitCode, lastLines }, { exitCode: 0, lastLines: ['done'] });
      } finally {
        process.kill(child, 'SIGKILL');
      }
    });

    it('leaves the child running: it may be meant to', async () => {
      const { call } = callOf('sleep 600 >/dev/null 2>&1 & echo $! > child');
      await runProgram(call);
      const child = await processIdIn(call, 'child');
      assert.ok(isRunning(child));
      process.kill(child, 'SIGKILL');
    });
  });

  describe('a flood of output', limits, () => {
    it('without a newline is kept to its beginning', async () => {
      const { call } = callOf('head -c 20000000 /dev/zero | tr "\\0" x');
      const { exitCode, lastLines } = await runProgram(call);
      assert.equal(exitCode, 0);
      assert.deepEqual(lastLines, [`${'x'.repeat(8192)}… (19991808 more characters)`]);
    });

    it('of lines is shown to 5000 lines, then counted; its last 20 lines are kept', async () => {
      const { call, lines } = callOf('i=0; while [ $i -lt 5100 ]; do echo $i; i=$((i+1)); done');
      const { lastLines } = await runProgram(call);
      assert.deepEqual(
        lastLines,
        Array.from({ length: 20 }, (_, index) => String(5080 + index)),
      );
      assert.equal(lines.length, 5001);
      assert.equal(lines.at(-1)?.line, '… 100 more lines are not shown.');
    });
  });
});
