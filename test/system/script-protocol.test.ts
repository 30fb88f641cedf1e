import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import type { ActionResult } from '../rig/runner.ts';
import { livingProcesses, recordedCalls, script } from '../rig/scripts.ts';

let ca: InstantAuthority;
before(async () => {
  ca = await startInstantAuthority();
});
after(() => ca.stop());

/** Runs the action with a script that records its calls and does the work as well. */
async function record(
  inputs: Record<string, string>,
  env: Record<string, string> = {},
): Promise<{ calls: string[][]; result: ActionResult }> {
  const log = path.join(temporaryFolder('argv'), 'argv');
  const result = await ca.run(
    { domains: 'a.example', 'exec-path': script('record-argv.sh'), ...inputs },
    { env: { ARGV_LOG: log, THEN: script('challtestsrv.py'), ...env } },
  );
  return { calls: recordedCalls(log), result };
}

/** A program with this body, in a workspace of its own. */
function program(body: string): { workspace: string; file: string } {
  const workspace = temporaryFolder('script');
  const file = path.join(workspace, 'dns.sh');
  writeFileSync(file, `#!/bin/sh\n${body}\n`);
  chmodSync(file, 0o755);
  return { workspace, file };
}

describe('The arguments', () => {
  const value = '<value>';
  const rows: [mode: string, delimiter: string, argv: string[]][] = [
    ['none', '', ['_acme-challenge.a.example.', value]],
    ['none', 'lego', ['_acme-challenge.a.example.', value]],
    ['none', 'none', ['_acme-challenge.a.example.', value]],
    ['none', 'first', ['--', '_acme-challenge.a.example.', value]],
    ['none', 'after-name', ['_acme-challenge.a.example.', '--', value]],
    ['RAW', '', ['--', 'a.example', value, '<key authorization>']],
    ['raw', 'first', ['--', 'a.example', value, '<key authorization>']],
    ['RAW', 'after-name', ['a.example.', '--', value, '<key authorization>']],
    ['RAW', 'none', ['a.example', value, '<key authorization>']],
  ];
  for (const [mode, delimiter, expected] of rows) {
    test(`in mode ${mode} with the delimiter "${delimiter}" are ${expected.join(' ')}`, async () => {
      const { calls, result } = await record({ 'exec-mode': mode, 'exec-delimiter': delimiter });
      assert.equal(result.exitCode, 0, result.stdout);
      const plain = calls
        .slice(1)
        .map((call) =>
          call.map((word) =>
            word.replace(/^[\w-]{43}\.[\w-]{43}$/, '<key authorization>').replace(/^[\w-]{43}$/, value),
          ),
        );
      assert.deepEqual(plain, [
        ['present', ...expected],
        ['cleanup', ...expected],
      ]);
    });
  }

  test('can be chosen by variables, which inputs win over', async () => {
    const byVariable = await record({}, { EXEC_MODE: 'RAW', EXEC_DELIMITER: 'none' });
    assert.equal(byVariable.calls[1]?.length, 4);
    const byInput = await record({ 'exec-mode': 'none' }, { EXEC_MODE: 'RAW' });
    assert.equal(byInput.calls[1]?.[1], '_acme-challenge.a.example.');
  });
});

describe('The command timeout', () => {
  test('is asked once, before the first record', async () => {
    const { calls } = await record({ domains: 'a.example b.example' });
    assert.deepEqual(
      calls.map(([command]) => command),
      ['timeout', 'present', 'present', 'cleanup', 'cleanup'],
    );
  });

  test('is not asked when both times are set', async () => {
    const { calls } = await record({ 'exec-polling-interval': '1', 'exec-propagation-timeout': '9' });
    assert.deepEqual(calls[0]?.[0], 'present');
  });

  test('gives the times, where no setting does', async () => {
    const { file } = program(`[ "$1" = timeout ] && echo '{"timeout": 0.5, "interval": 0.1}'; exit 0`);
    const result = await ca.run({ domains: 'late.example', 'exec-path': file });
    assert.match(result.annotations.at(-1)?.message ?? '', /^After 0\.5 s the record is not at every server/);
    const set = await ca.run({ domains: 'late.example', 'exec-path': file, 'exec-propagation-timeout': '1' });
    assert.match(set.annotations.at(-1)?.message ?? '', /^After 1 s /);
  });
});

describe("The script's environment", () => {
  test('is that of a run step, with the settings and the place of the record, and nothing of the action', async () => {
    const dump = path.join(temporaryFolder('env'), 'dump');
    const { file } = program(
      `[ "$1" != present ] || env >"${dump}"\nexec "${script('challtestsrv.py')}" "$@"`,
    );
    const result = await ca.run(
      { domains: '*.env.example', 'exec-path': file, 'exec-env': 'HOST_TOKEN=s3cr3t-value\n# comment' },
      { env: { OF_THE_STEP: 'yes' } },
    );
    assert.equal(result.exitCode, 0, result.stdout);
    const environment = readFileSync(dump, 'utf8');
    assert.match(environment, /^EXEC_DOMAIN=\*\.env\.example$/m);
    assert.match(environment, /^EXEC_MODE=none$/m);
    assert.match(environment, /^EXEC_POLLING_INTERVAL=3$/m);
    assert.match(environment, /^HOST_TOKEN=s3cr3t-value$/m);
    assert.match(environment, /^OF_THE_STEP=yes$/m);
    assert.doesNotMatch(environment, /^(?:INPUT_|STATE_|ACTIONS_RUNTIME|ACTIONS_RESULTS|GITHUB_STATE)/m);
    assert.ok(result.masks.includes('s3cr3t-value'));
  });
});

describe("The script's output", () => {
  test('is shown with the name it works for, so that the runner obeys only what may pass', async () => {
    const { file } = program(`echo '::set-output name=renewed::forged'; echo 'plain ##[add-path]/evil'
printf 'a\\r::set-env name=X::y\\n'; echo '::add-mask::hush'; echo '::warning title=Mine::look' >&2
exec "${script('challtestsrv.py')}" "$@"`);
    const result = await ca.run({ domains: 'out.example', 'exec-path': file });
    assert.match(result.stdout, /^out\.example \| ::set-output name=renewed::forged$/m);
    assert.match(result.stdout, /^out\.example \| plain ## \[add-path\]\/evil$/m);
    assert.match(result.stdout, /^out\.example \| ::set-env name=X::y$/m);
    assert.match(result.stdout, /^::add-mask::hush$/m);
    assert.ok(result.annotations.some(({ title }) => title === 'Mine'));
    assert.equal(result.outputs.renewed, 'true');
  });

  for (const [kind, env] of [
    ['of many lines', {}],
    ['without a newline', { ONE_LINE: 'yes' }],
  ] as const) {
    test(`is bounded when it is a flood ${kind}`, async () => {
      const result = await ca.run(
        { domains: 'flood.example', 'exec-path': script('flooding.sh') },
        { env: { FLOOD_BYTES: '50000000', FLOOD_EXIT: '9', ...env } },
      );
      assert.equal(result.exitCode, 1);
      assert.match(result.annotations.at(-1)?.message ?? '', /exit code 9[\s\S]*the last line of the flood/);
      assert.ok(result.stdout.length < 2_000_000, `${result.stdout.length} characters`);
    });
  }
});

describe('A script that fails', () => {
  test('is told with its name, command, exit code and last lines', async () => {
    const result = await ca.run(
      { domains: 'fail.example', 'exec-path': script('failing.sh') },
      { env: { FAIL_ON: 'present' } },
    );
    const message = result.annotations.at(-1)?.message ?? '';
    assert.equal(result.annotations.at(-1)?.title, 'The script failed for fail.example');
    assert.match(message, /^fail\.example: the script's present ended with exit code 3\.$/m);
    assert.match(message, /^Command: .*failing\.sh present _acme-challenge\.fail\.example\. [\w-]{43}$/m);
    assert.match(message, /^present: the DNS host says: 403 Forbidden$/m);
  });

  test('at cleanup is called once more, and costs a warning at most', async () => {
    const count = path.join(temporaryFolder('fail'), 'count');
    const result = await ca.run(
      { domains: 'fail.example', 'exec-path': script('failing.sh') },
      { env: { FAIL_ON: 'cleanup', FAIL_TIMES: '1', FAIL_COUNT: count, THEN: script('challtestsrv.py') } },
    );
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    assert.ok(!result.annotations.some(({ title }) => title?.startsWith('A TXT record was left')));
    assert.deepEqual(await ca.dns.txt('_acme-challenge.fail.example'), []);
  });

  test('at cleanup twice is a warning, and the certificate is kept', async () => {
    const result = await ca.run(
      { domains: 'fail2.example', 'exec-path': script('failing.sh') },
      { env: { FAIL_ON: 'cleanup', THEN: script('challtestsrv.py') } },
    );
    assert.equal(result.exitCode, 0, result.stdout);
    assert.ok(result.annotations.some(({ title }) => title === 'A TXT record was left for fail2.example'));
  });
});

describe('A script that hangs', () => {
  for (const [kind, env] of [
    ['is ended with its child', {}],
    ['and ignores SIGTERM is ended with its child', { IGNORE_TERM: 'yes' }],
  ] as const) {
    test(`${kind} after exec-time-limit`, async () => {
      const pids = path.join(temporaryFolder('hang'), 'pids');
      const result = await ca.run(
        { domains: 'hang.example', 'exec-path': script('hanging.sh'), 'exec-time-limit': '1' },
        { env: { HANG_ON: 'present', PIDS_LOG: pids, ...env } },
      );
      assert.match(
        result.annotations.at(-1)?.message ?? '',
        /present did not end within 1 s and was ended, with its children/,
      );
      assert.deepEqual(livingProcesses(pids), []);
    });
  }

  test('only with a child in the background is not waited for', async () => {
    const pids = path.join(temporaryFolder('hang'), 'pids');
    const result = await ca.run(
      { domains: 'background.example', 'exec-path': script('background.sh') },
      { env: { PIDS_LOG: pids, THEN: script('challtestsrv.py') } },
    );
    assert.equal(result.exitCode, 0, result.stdout);
    const left = livingProcesses(pids);
    assert.equal(left.length, 2, 'the children were still there when the step ended');
    for (const pid of left) {
      process.kill(pid, 'SIGKILL');
    }
  });
});

describe('The path of the script', () => {
  test('may hold spaces and quotes', async () => {
    const workspace = temporaryFolder('path');
    const folder = path.join(workspace, `it's "my" folder`);
    mkdirSync(folder);
    copyFileSync(script('challtestsrv.py'), path.join(folder, 'dns $HOME.py'));
    const result = await ca.run(
      { domains: 'path.example', 'exec-path': `./it's "my" folder/dns $HOME.py` },
      { workspace },
    );
    assert.equal(result.exitCode, 0, result.stdout);
  });
});

describe('Calls side by side', () => {
  const trace = `lock="$TRACE/$2"
mkdir "$lock" || { echo "two at once for $2"; exit 9; }
echo "$1 $2" >>"$TRACE/log"
"${script('challtestsrv.py')}" "$@"; status=$?
rmdir "$lock"; exit $status`;

  test('never work on one record name at once', async () => {
    const folder = temporaryFolder('trace');
    const { file } = program(`[ "$1" != timeout ] || exit 1\n${trace}`);
    const result = await ca.run(
      {
        domains: 'p.example *.p.example q.example *.q.example r.example',
        'exec-path': file,
        'exec-concurrency': '5',
      },
      { env: { TRACE: folder } },
    );
    assert.equal(result.exitCode, 0, result.stdout);
  });

  test('come in the order of the names when there is one at a time', async () => {
    const folder = temporaryFolder('trace');
    const { file } = program(`[ "$1" != timeout ] || exit 1\n${trace}`);
    await ca.run({ domains: 'z.example a.example m.example', 'exec-path': file }, { env: { TRACE: folder } });
    const names = readFileSync(path.join(folder, 'log'), 'utf8').match(/present \S+/g);
    assert.deepEqual(
      names,
      ['z', 'a', 'm'].map((name) => `present _acme-challenge.${name}.example.`),
    );
  });
});
