import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { type ActionResult, runPost, startAction } from '../rig/runner.ts';
import { livingProcesses, script } from '../rig/scripts.ts';

const record = '_acme-challenge.crash.example';

describe('A run that is ended', () => {
  let ca: InstantAuthority;
  /** A CA that never answers once the challenges are answered. */
  let hangingCa: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
    hangingCa = await startInstantAuthority({
      fault: ({ kind }) => (kind === 'order' ? 'silence' : undefined),
    });
  });
  after(async () => {
    await ca.stop();
    await hangingCa.stop();
  });

  /** Where a run can be: which line tells that it is there, and what brings it there. */
  const places = {
    'while the script presents': {
      line: /hanging at present/,
      inputs: { 'exec-path': script('hanging.sh') },
      env: { HANG_ON: 'present', THEN: script('challtestsrv.py') },
    },
    'while it waits for propagation': {
      // The first name is set, the second never appears: its script does nothing.
      line: /::notice title=Propagation is checked/,
      inputs: { domains: 'crash.example lie.example', 'exec-path': script('failing.sh') },
      env: { FAIL_NAME: '_acme-challenge.lie', FAIL_EXIT: '0', THEN: script('challtestsrv.py') },
    },
    'while the CA validates': { line: /POST .*chalZ.* → 200/, inputs: {}, env: {}, hangs: true },
    'while it cleans up': {
      line: /hanging at cleanup/,
      inputs: { 'exec-path': script('hanging.sh') },
      env: { HANG_ON: 'cleanup', THEN: script('challtestsrv.py') },
    },
  };

  for (const [where, place] of Object.entries(places)) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL'] as const) {
      test(`by ${signal} ${where} leaves no record once the post step has run`, async () => {
        const authority = 'hangs' in place ? hangingCa : ca;
        const pids = path.join(temporaryFolder('crash'), 'pids');
        const previous = await end(authority, place, signal, pids);
        // Once the certificate is issued, the step has done its work.
        assert.equal(previous.exitCode === 0, place.line.test('hanging at cleanup') && signal !== 'SIGKILL');
        // The script hangs no more: whatever held it up has passed.
        const post = await runPost({ previous, inputs: false, env: { HANG_ON: 'never' } });
        assert.equal(post.exitCode, 0, post.stdout);
        assert.deepEqual(await authority.dns.txt(record), []);
        assert.deepEqual(livingProcesses(pids), []);
      });
    }
  }

  test('twice is left to the post step at once', async () => {
    const started = startAction({
      inputs: { ...inputsOf(ca), 'exec-path': script('hanging.sh') },
      env: { CHALLTESTSRV: ca.dns.managementUrl, HANG_ON: 'cleanup', THEN: script('challtestsrv.py') },
    });
    await started.line(/hanging at cleanup/);
    started.child.kill('SIGINT');
    started.child.kill('SIGTERM');
    const previous = await started.result;
    const post = await runPost({ previous, inputs: false, env: { HANG_ON: 'never' } });
    assert.match(
      post.stdout,
      /Records that the main step left and that are cleaned up now: 1 \(crash\.example\)/,
    );
  });

  test('says that it was cancelled, not that the script failed', async () => {
    const pids = path.join(temporaryFolder('crash'), 'pids');
    const result = await end(ca, places['while the script presents'], 'SIGINT', pids);
    assert.equal(result.annotations.at(-1)?.title, 'Cancelled');
  });

  interface Place {
    line: RegExp;
    inputs: Record<string, string>;
    env: Record<string, string>;
  }

  function end(
    authority: InstantAuthority,
    { line, inputs, env }: Place,
    signal: NodeJS.Signals,
    pids: string,
  ): Promise<ActionResult> {
    return startAction({
      inputs: { ...inputsOf(authority), ...inputs },
      env: { CHALLTESTSRV: authority.dns.managementUrl, PIDS_LOG: pids, ...env },
      signalAfter: { line, signal },
    }).result;
  }
});

describe('The post step', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  test('says so when nothing was left', async () => {
    const previous = await ca.run({ domains: 'crash.example' });
    const post = await runPost({ previous, inputs: false });
    assert.equal(post.exitCode, 0);
    assert.match(post.stdout, /No DNS record was left to clean up\./);
  });

  test('says so when the main step never came to present anything', async () => {
    const previous = await ca.run({ domains: '' });
    const post = await runPost({ previous });
    assert.equal(post.exitCode, 0);
    assert.match(post.stdout, /No DNS record was left to clean up\./);
  });

  test('fails, naming the record, when it cannot remove one', async () => {
    const previous = await ca.run(
      { domains: 'crash.example', 'exec-path': script('failing.sh') },
      { env: { FAIL_ON: 'cleanup', THEN: script('challtestsrv.py') } },
    );
    assert.equal(previous.exitCode, 0, previous.stdout);
    const post = await runPost({ previous, inputs: false });
    assert.equal(post.exitCode, 1);
    assert.match(
      post.annotations.at(-1)?.message ?? '',
      /^_acme-challenge\.crash\.example\. TXT "[\w-]{43}"/,
    );
    await ca.dns.clearTxt(record);
  });

  test('reads a journal whose last line was cut short', async () => {
    const started = startAction({
      inputs: { ...inputsOf(ca), 'exec-path': script('hanging.sh') },
      env: { CHALLTESTSRV: ca.dns.managementUrl, HANG_ON: 'cleanup', THEN: script('challtestsrv.py') },
      signalAfter: { line: /hanging at cleanup/, signal: 'SIGKILL' },
    });
    const previous = await started.result;
    appendFileSync(previous.state.journal ?? '', '{"event":"presenti');
    const post = await runPost({ previous, inputs: false, env: { HANG_ON: 'never' } });
    assert.equal(post.exitCode, 0, post.stdout);
    assert.deepEqual(await ca.dns.txt(record), []);
  });
});

function inputsOf({ proxy, dns }: InstantAuthority): Record<string, string> {
  return {
    domains: 'crash.example',
    'agree-tos': 'true',
    server: proxy.directoryUrl,
    'ca-certificates': proxy.rootCertificate,
    'exec-path': script('challtestsrv.py'),
    'dns-resolvers': dns.dnsServer,
  };
}
