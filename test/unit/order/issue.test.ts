import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { describe, it } from 'node:test';
import type { AuthorizationObject } from '../../../src/acme/authorization.ts';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { parseRequest } from '../../../src/certificate/request.ts';
import { Cancelled, Failure } from '../../../src/failure.ts';
import { type CertificateRequest, issueCertificate } from '../../../src/order/issue.ts';
import type { Solver } from '../../../src/order/solver.ts';
import { Timeline } from '../../../src/timeline.ts';
import { makeCertificate, makeKey } from '../fixtures/certificate.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';
import { fakeSession, type Reply, type Sent } from '../fixtures/session.ts';

const { pem } = await makeCertificate({ issuer: 'CN=Test CA' });
const keyPem = makeKey();
const base = 'https://ca.example';

/** How a fake CA of one order behaves; what is not said is as it should be. */
interface Course {
  /** The authorizations' states by name, as the CA lists them. */
  names: Record<string, AuthorizationObject['status']>;
  /** The order's state at first, and from the solving on. */
  order?: 'pending' | 'ready';
  validated?: 'ready' | 'invalid';
  /** The authorizations' states from the solving on. */
  afterwards?: Record<string, AuthorizationObject['status']>;
  solving?: Error;
  deactivating?: Error;
  finalizing?: Error;
  preferredChain?: string;
  key?: CertificateRequest['key'];
}

/** Runs one order; what happened is told in words, in its order. */
async function run(course: Course) {
  const events: string[] = [];
  let solved = false;
  const nameOf = (url: string): string => url.slice(`${base}/authz/`.length);
  const authorization = (name: string): Reply => {
    const status = (solved ? course.afterwards?.[name] : undefined) ?? course.names[name] ?? 'pending';
    const error =
      status === 'invalid' ? { type: 'urn:ietf:params:acme:error:dns', detail: `no ${name}` } : undefined;
    const challenge = { type: 'dns-01', url: `${base}/chall/${name}`, status: 'pending', token: 't' };
    return {
      body: {
        status,
        identifier: { type: 'dns', value: name.replace('*.', '') },
        wildcard: name.startsWith('*.'),
        challenges: [error === undefined ? challenge : { ...challenge, error }],
      },
    };
  };
  const order = (status: string): Reply => ({
    location: `${base}/order`,
    body: {
      status,
      identifiers: Object.keys(course.names).map((value) => ({ type: 'dns', value })),
      authorizations: Object.keys(course.names).map((name) => `${base}/authz/${name}`),
      finalize: `${base}/finalize`,
      ...(status === 'valid' && { certificate: `${base}/certificate` }),
    },
  });
  const answer = ({ to, payload }: Sent): Reply => {
    switch (to) {
      case 'newOrder':
        return order(course.order ?? 'pending');
      case `${base}/order`:
        return order(course.validated ?? 'ready');
      case `${base}/finalize`:
        events.push('finalize');
        csr = Buffer.from((payload as { csr: string }).csr, 'base64url');
        return course.finalizing ?? order('valid');
      case `${base}/certificate`:
        events.push('download');
        return { body: pem };
      default:
        events.push(`${payload === undefined ? 'read' : 'deactivate'} ${nameOf(to)}`);
        return payload === undefined ? authorization(nameOf(to)) : (course.deactivating ?? {});
    }
  };
  let csr: Buffer | undefined;
  const { session } = fakeSession(answer, { meta: { caaIdentities: ['ca.example'] } });
  const solver: Solver = {
    prepare: (domains, identities) => void events.push(`prepare ${[...domains, ...identities].join(' ')}`),
    solve: async (_session, authorizations) => {
      events.push(`solve ${authorizations.map(({ orderedName }) => orderedName).join(' ')}`);
      solved = true;
      if (course.solving !== undefined) {
        throw course.solving;
      }
    },
    explain: async (failure) => new Failure(failure.title, `${failure.message}, explained`, ''),
    cleanUp: async () => void events.push('clean up'),
    close: () => {},
  };
  const { log, lines } = recordingLog();
  const request: CertificateRequest = {
    domains: ['a.example', '*.a.example', 'b.example'].filter((name) => name in course.names),
    profile: undefined,
    replaces: undefined,
    key: course.key ?? { privateKey: Promise.resolve(createPrivateKey(keyPem)) },
    preferredChain: course.preferredChain,
    keepKey: (kept) => void events.push(kept === keyPem ? 'keep key' : 'keep another key'),
  };
  const parties = { session, solver, log, timeline: new Timeline(), urgent: new AbortController().signal };
  const outcome = await issueCertificate(request, parties).catch((error: unknown) => error);
  return { outcome, events, lines, csr };
}

const failureOf = (outcome: unknown): Failure => {
  assert.ok(outcome instanceof Failure, `It did not fail: ${String(outcome)}`);
  return outcome;
};

describe('an order', { concurrency: true }, () => {
  it('goes from the names to the certificate; the key is kept before the CA can issue for it', async () => {
    const { outcome, events } = await run({ names: { 'a.example': 'pending' } });
    assert.deepEqual(outcome, [pem]);
    assert.deepEqual(events, [
      'prepare a.example ca.example',
      'read a.example',
      'solve a.example',
      'keep key',
      'finalize',
      'download',
    ]);
  });

  it('is proved in the order of the names, however the CA lists them', async () => {
    const { events } = await run({
      names: { 'b.example': 'pending', '*.a.example': 'pending', 'a.example': 'pending' },
    });
    assert.ok(events.includes('solve a.example *.a.example b.example'));
  });

  it('needs no proof of a name that is valid already, and says so', async () => {
    const { events, lines } = await run({ names: { 'a.example': 'valid', 'b.example': 'pending' } });
    assert.ok(events.includes('solve b.example'));
    assert.deepEqual(linesOf(lines, 'info'), ['1 of 2 names are still authorized.']);
  });

  it('that is ready at once needs no proof and no reading', async () => {
    const { events } = await run({ names: { 'a.example': 'valid' }, order: 'ready' });
    assert.deepEqual(events, ['keep key', 'finalize', 'download']);
  });

  it('asks for all its names with its key', async () => {
    const { csr } = await run({ names: { 'a.example': 'valid', 'b.example': 'valid' }, order: 'ready' });
    assert.deepEqual(parseRequest(csr ?? Buffer.alloc(0)).names, ['a.example', 'b.example']);
  });

  it('sends a request of the user’s own as it is, and keeps no key', async () => {
    const own = Buffer.from('a request');
    const { csr, events } = await run({ names: { 'a.example': 'valid' }, order: 'ready', key: { csr: own } });
    assert.deepEqual(csr, own);
    assert.deepEqual(events, ['finalize', 'download']);
  });

  it('warns when the preferred chain is not offered, and takes the default', async () => {
    const { outcome, lines } = await run({
      names: { 'a.example': 'valid' },
      order: 'ready',
      preferredChain: 'Root X',
    });
    assert.deepEqual(outcome, [pem]);
    assert.deepEqual(linesOf(lines, 'warning'), [
      'The preferred chain is not offered: preferred-chain: the CA offers no chain to "Root X", but to Test CA. Its default was taken.',
    ]);
  });
});

describe('an order that fails', { concurrency: true }, () => {
  it('at the script cleans up and deactivates what is pending', async () => {
    const solving = new Failure('The script failed', 'x', '');
    const { outcome, events, lines } = await run({
      names: { 'a.example': 'pending', 'b.example': 'valid' },
      solving,
    });
    assert.equal(outcome, solving);
    assert.deepEqual(events.slice(-2), ['clean up', 'deactivate a.example']);
    assert.ok(linesOf(lines, 'info').includes('1 pending authorizations were deactivated.'));
  });

  it('as it is cancelled does the same', async () => {
    const solving = new Cancelled('SIGINT');
    const { outcome, events } = await run({ names: { 'a.example': 'pending' }, solving });
    assert.equal(outcome, solving);
    assert.deepEqual(events.slice(-2), ['clean up', 'deactivate a.example']);
  });

  it('as a name was refused before is told with that name, and nothing is presented', async () => {
    const { outcome, events } = await run({ names: { 'a.example': 'invalid', 'b.example': 'pending' } });
    assert.match(failureOf(outcome).message, /^a\.example \(dns-01\): dns: no a\.example, explained$/);
    assert.ok(!events.some((event) => event.startsWith('solve')));
    assert.deepEqual(events.slice(-2), ['clean up', 'deactivate b.example']);
  });

  it('at the validation is told by the authorizations that failed; only the others are deactivated', async () => {
    const { outcome, events } = await run({
      names: { 'a.example': 'pending', 'b.example': 'pending' },
      validated: 'invalid',
      afterwards: { 'a.example': 'invalid' },
    });
    assert.match(failureOf(outcome).message, /^a\.example \(dns-01\): dns: no a\.example, explained$/);
    assert.deepEqual(
      events.filter((event) => event.startsWith('deactivate')),
      ['deactivate b.example'],
    );
  });

  it('without any failed authorization is told by the order', async () => {
    const { outcome } = await run({
      names: { 'a.example': 'pending' },
      validated: 'invalid',
      afterwards: { 'a.example': 'valid' },
    });
    assert.equal(
      failureOf(outcome).message,
      'The order for a.example became invalid: the CA gives no reason',
    );
  });

  it('at the finalization cleans up', async () => {
    const finalizing = new AcmeProblem('x', 400, { type: 'urn:ietf:params:acme:error:badCSR' });
    const { outcome, events } = await run({ names: { 'a.example': 'valid' }, order: 'ready', finalizing });
    assert.equal(outcome, finalizing);
    assert.equal(events.at(-1), 'clean up');
  });

  it('is told with its own reason even when the deactivation fails as well', async () => {
    const solving = new Failure('The script failed', 'x', '');
    const { outcome, lines } = await run({
      names: { 'a.example': 'pending' },
      solving,
      deactivating: new Error('no network'),
    });
    assert.equal(outcome, solving);
    assert.deepEqual(linesOf(lines, 'debug'), [
      'Pending authorizations could not all be deactivated: no network',
    ]);
  });
});
