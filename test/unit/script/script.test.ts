import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Cancelled, Failure } from '../../../src/failure.ts';
import type { ScriptRecord } from '../../../src/script/arguments.ts';
import { DnsScript, type ScriptCallSettings } from '../../../src/script/script.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { posixOnly, shellScript } from '../fixtures/program.ts';
import { exampleRecord } from '../fixtures/records.ts';

const environment = { PATH: process.env.PATH, INPUT_DOMAINS: 'x', GREETING: 'from the step' };

/** A script with that body, and what it made the log say. */
function scriptOf(
  body: string,
  change: Partial<ScriptCallSettings> = {},
): { script: DnsScript; lines: string[] } {
  const workspace = temporaryFolder('script');
  const { log, lines } = recordingLog();
  const settings: ScriptCallSettings = {
    program: shellScript(workspace, body, 'dns.sh'),
    workspace,
    timeLimit: 20,
    environment: {},
    protocol: {
      path: './dns.sh',
      mode: 'default',
      delimiter: 'lego',
      pollingInterval: 3,
      propagationTimeout: 60,
      sequenceInterval: undefined,
    },
    ...change,
  };
  return { script: new DnsScript(settings, environment, log), lines };
}

/** The failure of a present call. */
async function failureOf(script: DnsScript, record: ScriptRecord = exampleRecord()): Promise<Failure> {
  const failure = await script.call('present', record).then(
    () => assert.fail('The call succeeded.'),
    (error: unknown) => error,
  );
  assert.ok(failure instanceof Failure);
  return failure;
}

describe('a call of the script', { concurrency: true, skip: posixOnly }, () => {
  it('has its output shown with the name that it works for', async () => {
    const { script, lines } = scriptOf('echo "$@"');
    await script.call('present', exampleRecord({ orderedName: '*.example.com' }));
    assert.ok(lines.includes('*.example.com> present _acme-challenge.example.com. the-digest'));
  });

  it('gets the step’s environment, exec-env and the protocol’s variables, but no inputs', async () => {
    const { script, lines } = scriptOf(
      'echo "$GREETING, $TOKEN, $EXEC_DOMAIN, $(printenv INPUT_DOMAINS || echo unset)"',
      {
        environment: { TOKEN: 't' },
      },
    );
    await script.call('cleanup', exampleRecord());
    assert.ok(lines.includes('example.com> from the step, t, example.com, unset'));
  });

  it('cannot have the protocol’s variables overridden by exec-env', async () => {
    const { script, lines } = scriptOf('echo "$EXEC_MODE"', { environment: { EXEC_MODE: 'x' } });
    await script.call('present', exampleRecord());
    assert.ok(lines.includes('example.com> none'));
  });

  it('tells the process id of its program', async () => {
    const { script, lines } = scriptOf('echo $$');
    let told: number | undefined;
    await script.call('present', exampleRecord(), { onStart: (processId) => (told = processId) });
    assert.ok(lines.includes(`example.com> ${told}`));
  });
});

describe('a call of the script that fails', { concurrency: true, skip: posixOnly }, () => {
  it('names the name, the command, the exit code and the last lines', async () => {
    const failure = await failureOf(scriptOf('echo first; echo second >&2; exit 3').script);
    assert.equal(failure.title, 'The script failed for example.com');
    const [what, command, said, ...last] = failure.message.split('\n');
    assert.deepEqual(
      [what, command, said, last.toSorted()],
      [
        "example.com: the script's present ended with exit code 3.",
        'Command: ./dns.sh present _acme-challenge.example.com. the-digest',
        'Its last lines:',
        ['first', 'second'],
      ],
    );
  });

  it('says so when it wrote nothing', async () => {
    assert.match((await failureOf(scriptOf('exit 1').script)).message, /\nIt wrote nothing\.$/);
  });

  it('quotes the command so that a shell reads it back', async () => {
    const { script } = scriptOf('exit 1');
    const failure = await failureOf(script, exampleRecord({ value: "it's $x" }));
    assert.match(failure.message, /present _acme-challenge\.example\.com\. 'it'\\''s \$x'$/m);
  });

  for (const [exitCode, advice] of [
    [1, 'Run the command above by hand with the same environment to see what it does.'],
    [126, 'Exit code 126 says that a command in it may not be run; check the run bit of what it calls.'],
    [127, 'Exit code 127 says that a command in it was not found; install it in a step before this one.'],
  ] as const) {
    it(`with exit code ${exitCode} gets its own advice`, async () => {
      assert.equal((await failureOf(scriptOf(`exit ${exitCode}`).script)).advice, advice);
    });
  }

  it('by a signal names the signal', async () => {
    assert.match(
      (await failureOf(scriptOf('kill -KILL $$').script)).message,
      /present was ended by SIGKILL\./,
    );
  });

  it('by its time limit says which, and how to raise it', async () => {
    const failure = await failureOf(scriptOf('exec sleep 600', { timeLimit: 0.3 }).script);
    assert.match(failure.message, /did not end within 0\.3 s and was ended, with its children\./);
    assert.match(failure.advice, /exec-time-limit/);
  });

  it('to start says why, and to check the machine', async () => {
    const { script } = scriptOf('', { program: '/no/such/program' });
    const failure = await failureOf(script);
    assert.match(failure.message, /could not be started \(ENOENT\)/);
    assert.equal(failure.advice, 'Check that this machine can run the program.');
  });

  it('as the run was cancelled throws the reason of the cancellation', async () => {
    const reason = new Cancelled('SIGINT');
    const { script } = scriptOf('sleep 600');
    await assert.rejects(
      script.call('present', exampleRecord(), { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
  });
});

describe('the timeout command', { concurrency: true, skip: posixOnly }, () => {
  it('is called with that word alone', async () => {
    const { script } = scriptOf('[ "$*" = timeout ] && echo \'{"timeout": 30, "interval": 5}\'');
    assert.deepEqual(await script.askTimeout(), { timeout: 30, interval: 5 });
  });

  it('may be answered over several lines, with chatter on standard error', async () => {
    const { script } = scriptOf('echo hello >&2; echo "{"; echo \'"interval": 2}\'');
    assert.deepEqual(await script.askTimeout(), { timeout: undefined, interval: 2 });
  });

  for (const [kind, body] of [
    ['exits with another code than 0', 'echo \'{"timeout": 30}\'; exit 1'],
    ['writes nothing', 'exit 0'],
    ['writes no JSON', 'echo usage'],
    ['is ended by a signal', 'kill -KILL $$'],
  ] as const) {
    it(`gets the defaults from a script that ${kind}`, async () => {
      assert.equal(await scriptOf(body).script.askTimeout(), undefined);
    });
  }

  it('gets the defaults from a script that takes too long', async () => {
    const { script } = scriptOf('exec sleep 600', { timeLimit: 0.3 });
    assert.equal(await script.askTimeout(), undefined);
  });

  it('is mentioned by debug logging alone when there is no answer', async () => {
    const { script, lines } = scriptOf('echo usage; exit 2');
    await script.askTimeout();
    assert.deepEqual(linesOf(lines, 'debug').length, lines.length);
  });
});
