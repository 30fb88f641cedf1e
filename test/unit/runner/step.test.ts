import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, it } from 'node:test';

const step = new URL('../../../src/runner/step.ts', import.meta.url);
const failure = new URL('../../../src/failure.ts', import.meta.url);

/** Runs a step in a process of its own, as it ends that process. */
function run(
  code: string,
  environment: Record<string, string> = {},
): Promise<{ exitCode: number; output: string }> {
  const program = `import { runStep } from '${step}';
import { Failure } from '${failure}';
${code}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module-typescript', '--eval', program],
      { env: { PATH: process.env.PATH, SystemRoot: process.env.SystemRoot, ...environment } },
      (_error, stdout) =>
        resolve({ exitCode: child.exitCode ?? -1, output: stdout.replaceAll('\r\n', '\n') }),
    );
  });
}

describe('a step', { concurrency: true }, () => {
  it('succeeds, and is not held by what is still open', async () => {
    const { exitCode } = await run('await runStep(async () => { setInterval(() => {}, 1000); });');
    assert.equal(exitCode, 0);
  });

  it('fails with an annotation that says what to do next', async () => {
    const { exitCode, output } = await run(
      "await runStep(async () => { throw new Failure('Title', 'what', 'advice'); });",
    );
    assert.deepEqual({ exitCode, output }, { exitCode: 1, output: '::error title=Title::what%0A→ advice\n' });
  });

  it('has any other fault reported as its own', async () => {
    const { exitCode, output } = await run("await runStep(async () => { throw new TypeError('oh'); });");
    assert.equal(exitCode, 1);
    assert.match(output, /^::error title=Unexpected fault::acme-exec failed in a way it should not: oh%0A→ /);
  });

  it('shows the stack only with debug logging on', async () => {
    const { output } = await run("await runStep(async () => { throw new TypeError('oh'); });", {
      RUNNER_DEBUG: '1',
    });
    assert.match(output, /\n::debug::TypeError: oh%0A {4}at /);
  });

  it('tells its failure on, for the summary', async () => {
    const { output } = await run(
      "await runStep(async () => { throw new Failure('Title', 'what', ''); }, async ({ title }) => console.log('told', title));",
    );
    assert.equal(output, '::error title=Title::what\ntold Title\n');
  });
});
