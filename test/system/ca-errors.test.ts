import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Fault, ProxiedRequest } from '../rig/ca-proxy.ts';
import {
  type InstantAuthority,
  type InstantAuthorityStart,
  startInstantAuthority,
} from '../rig/instant-authority.ts';
import { freePort } from '../rig/ports.ts';
import type { ActionResult } from '../rig/runner.ts';
import { script } from '../rig/scripts.ts';

type FaultOf = (request: ProxiedRequest, n: number) => Fault | undefined;

/** Runs the action once against a CA of its own with some fault. */
async function withCa(
  start: InstantAuthorityStart,
  use: (ca: InstantAuthority) => Promise<void>,
): Promise<void> {
  const ca = await startInstantAuthority(start);
  try {
    await use(ca);
  } finally {
    await ca.stop();
  }
}

function withFault(fault: FaultOf, use: (result: ActionResult, ca: InstantAuthority) => void): Promise<void> {
  return withCa({ fault }, async (ca) => use(await ca.run({ domains: 'error.example' }), ca));
}

function lastMessage({ annotations }: ActionResult): string {
  return annotations.at(-1)?.message ?? '';
}

describe('What the CA says', () => {
  test('reaches the user with type, detail, subproblems and the names that they are about', () =>
    withCa({ config: { domainBlocklist: ['blocked.example'] } }, async (ca) => {
      const result = await ca.run({ domains: 'fine.example blocked.example' });
      assert.equal(result.exitCode, 1);
      assert.match(
        lastMessage(result),
        /^The order for fine\.example, blocked\.example: the CA answered HTTP 400, rejectedIdentifier: /,
      );
    }));

  test('of a name that it could not validate reaches the user, and pending authorizations are given up', () =>
    withCa({}, async (ca) => {
      const lying = { 'exec-path': script('lying.sh'), 'propagation-check': 'none' };
      const result = await ca.run({ domains: 'one.example', ...lying });
      assert.equal(result.annotations.at(-1)?.title, 'The CA could not validate one.example');
      assert.match(lastMessage(result), /^one\.example \(dns-01\): unauthorized: /);
    }));

  test('is told without a stack, which only debug logging shows', () =>
    withCa({ config: { domainBlocklist: ['blocked.example'] } }, async (ca) => {
      const quiet = await ca.run({ domains: 'blocked.example' });
      assert.doesNotMatch(quiet.annotations.at(-1)?.message ?? '', /^\s+at /m);
      assert.ok(!quiet.debug.some((line) => /\bat .*index\.js/.test(line)));
      const loud = await ca.run({ domains: 'blocked.example' }, { env: { RUNNER_DEBUG: '1' } });
      assert.ok(loud.debug.some((line) => /\bat .*\.js/.test(line)));
    }));
});

describe('A run that fails', () => {
  test('deactivates the authorizations that are still pending', () =>
    withCa({}, async (ca) => {
      await ca.run(
        { domains: 'a.example b.example', 'exec-path': script('failing.sh') },
        { env: { FAIL_ON: 'present' } },
      );
      const deactivations = ca.proxy.requests.filter(
        ({ payload }) => (payload as { status?: string } | undefined)?.status === 'deactivated',
      );
      assert.deepEqual(
        deactivations.map(({ kind, status }) => [kind, status]),
        [
          ['authorization', 200],
          ['authorization', 200],
        ],
      );
    }));
});

describe('A CA with a fault that passes', () => {
  const passing: Record<string, FaultOf> = {
    'answers 503 with Retry-After': ({ kind }, n) =>
      kind === 'new-order' && n === 1 ? { status: 503, headers: { 'Retry-After': '1' } } : undefined,
    'answers 500 without a word': ({ kind }, n) =>
      kind === 'finalize' && n === 1 ? { status: 500 } : undefined,
    'answers 429 with a short Retry-After': ({ kind }, n) =>
      kind === 'new-account' && n === 1 ? { status: 429, headers: { 'Retry-After': '1' } } : undefined,
    'resets a connection': ({ kind }, n) => (kind === 'authorization' && n === 1 ? 'reset' : undefined),
    'loses its answer to newOrder': ({ kind }, n) => (kind === 'new-order' && n === 1 ? 'lost' : undefined),
    'loses its answer to a challenge': ({ kind }, n) =>
      kind === 'challenge' && n === 1 ? 'lost' : undefined,
    'loses its answer to finalize': ({ kind }, n) => (kind === 'finalize' && n === 1 ? 'lost' : undefined),
    'loses its answer with the certificate': ({ kind }, n) =>
      kind === 'certificate' && n === 1 ? 'lost' : undefined,
  };
  for (const [what, fault] of Object.entries(passing)) {
    test(`that ${what} still issues`, () =>
      withFault(fault, (result) => assert.equal(result.outputs.renewed, 'true', result.stdout)));
  }

  test('that rejects every other nonce still issues', () =>
    withCa({ env: { PEBBLE_WFE_NONCEREJECT: '50' } }, async (ca) => {
      const result = await ca.run({ domains: 'a.example b.example c.example' });
      assert.equal(result.outputs.renewed, 'true', result.stdout);
    }));
});

describe('A CA with a fault that stays', () => {
  test('is told until when it wants to be left alone, and is asked once only', () =>
    withFault(
      ({ kind }) =>
        kind === 'new-order'
          ? {
              status: 429,
              headers: { 'Retry-After': '3600' },
              body: JSON.stringify({
                type: 'urn:ietf:params:acme:error:rateLimited',
                detail: 'too many certificates',
              }),
            }
          : undefined,
      (result, ca) => {
        assert.match(lastMessage(result), /rateLimited: too many certificates/);
        assert.match(lastMessage(result), /come back in 3600 s \(\d{4}-.*Z\); a run waits 60 s at most/);
        assert.equal(ca.proxy.count('new-order'), 1);
      },
    ));

  test('is quoted when it answers with a web page', () =>
    withFault(
      ({ kind }) =>
        kind === 'new-account' ? { status: 403, body: '<html><h1>Blocked by policy</h1></html>' } : undefined,
      (result) => assert.match(lastMessage(result), /HTTP 403, with a web page .*: Blocked by policy/),
    ));

  test('is told when its URL is no directory', () =>
    withFault(
      ({ kind }) => (kind === 'directory' ? { status: 200, body: '<html>Welcome</html>' } : undefined),
      (result) => assert.equal(result.annotations.at(-1)?.title, 'This is no ACME directory'),
    ));

  test('is told when it stops answering in the middle, and the records are cleaned up', () =>
    withFault(
      ({ kind }) => (kind === 'challenge' || kind === 'order' ? 'reset' : undefined),
      async (result, ca) => {
        assert.match(
          lastMessage(result),
          /^The challenge of error\.example: the connection to 127\.0\.0\.1:\d+ failed/,
        );
        assert.deepEqual(await ca.dns.txt('_acme-challenge.error.example'), []);
      },
    ));

  test('is told when nothing listens there', () =>
    withCa({}, async (ca) => {
      const port = await freePort();
      const result = await ca.run({ domains: 'error.example', server: `https://127.0.0.1:${port}/dir` });
      assert.match(
        lastMessage(result),
        /^The CA's directory: the connection to 127\.0\.0\.1:\d+ failed: .*ECONNREFUSED/,
      );
    }));

  test('is told when its own certificate is not trusted, with the input that mends it', () =>
    withCa({}, async (ca) => {
      const result = await ca.run({ domains: 'error.example', 'ca-certificates': '' });
      assert.equal(result.annotations.at(-1)?.title, "The CA's own certificate is not trusted");
      assert.match(lastMessage(result), /→ Give the roots of a private CA with ca-certificates\.$/);
    }));

  test('is given up when it never answers', () =>
    withFault(
      ({ kind }) => (kind === 'new-nonce' ? 'silence' : undefined),
      (result) => assert.match(lastMessage(result), /gave no answer within 30 s/),
    ));
});
