import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, afterEach, beforeEach, describe, it, type TestContext } from 'node:test';
import { AcmeSession } from '../../../src/acme/session.ts';
import type { TransportOptions } from '../../../src/acme/transport.ts';
import { Failure } from '../../../src/failure.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { answer, FakeCa, refuse } from '../fixtures/fake-ca.ts';
import { linesOf, recordingLog } from '../fixtures/log.ts';

const ca = await FakeCa.start();
const accountKey = makeKey();
const sessions: AcmeSession[] = [];
describe('requests to a CA', () => {
  after(() => ca.stop());
  beforeEach(() => ca.reset());
  afterEach(() => {
    for (const session of sessions.splice(0)) {
      session.close();
    }
  });

  function newSession(change: Partial<TransportOptions> = {}): { session: AcmeSession; lines: string[] } {
    const { log, lines } = recordingLog();
    const session = new AcmeSession({
      directoryUrl: `${ca.url}/directory`,
      accountKey,
      roots: [ca.root],
      requestTimeout: 10_000,
      log,
      signal: new AbortController().signal,
      ...change,
    });
    sessions.push(session);
    return { session, lines };
  }

  /** Makes the pauses before retries pass at once; their lengths are told in the log. */
  function withoutPauses(t: TestContext): void {
    t.mock.method(globalThis, 'setTimeout', (work: () => void) => setImmediate(work));
  }

  /** Has the time-outs of all requests under way pass when the test says so, and not before. */
  function timeOutsByHand(t: TestContext): { pass: () => void } {
    const running: AbortController[] = [];
    t.mock.method(AbortSignal, 'timeout', () => {
      const controller = new AbortController();
      running.push(controller);
      return controller.signal;
    });
    return {
      pass: () => {
        for (const controller of running.splice(0)) {
          controller.abort(new DOMException('time is up', 'TimeoutError'));
        }
      },
    };
  }

  /** The pauses that the log tells, in seconds. */
  function pauses(lines: readonly string[]): string[] {
    return linesOf(lines, 'info').flatMap((line) => /asking again in ([\d.]+) s/.exec(line)?.[1] ?? []);
  }

  const target = { url: `${ca.url}/x` };
  /** A URL where nobody listens. */
  async function closedPort(): Promise<string> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return `https://localhost:${port}`;
  }

  describe('a CA that is overloaded', () => {
    it('is asked again after its Retry-After, and the log says so', async (t) => {
      withoutPauses(t);
      ca.behaviour = (_request, response) =>
        ca.asked.length === 1
          ? answer(response, 503, '', { 'Retry-After': '7' })
          : answer(response, 200, { ok: true });
      const { session, lines } = newSession();
      assert.deepEqual((await session.post(target, 'It', {})).body, { ok: true });
      assert.deepEqual(linesOf(lines, 'info'), [
        `The CA answered HTTP 503; asking again in 7.0 s (POST ${ca.url}/x).`,
      ]);
    });

    it('is given up after five requests with growing pauses', async (t) => {
      withoutPauses(t);
      ca.behaviour = (_request, response) => answer(response, 500, '');
      const { session, lines } = newSession();
      await assert.rejects(session.post(target, 'The order', {}), {
        message: 'The order: the CA answered HTTP 500, with an empty answer',
      });
      assert.equal(ca.asked.length, 5);
      assert.deepEqual(pauses(lines), ['0.5', '1.0', '2.0', '4.0']);
    });

    it('is not asked again where that is no use', async () => {
      ca.behaviour = (_request, response) => refuse(response, 500, 'serverInternal');
      const { session } = newSession();
      await assert.rejects(session.post(target, 'The order', {}, { retryServerErrors: false }), {
        type: 'serverInternal',
      });
      assert.equal(ca.asked.length, 1);
    });

    it('that asks for more patience than a run has is told with the time and the bound', async () => {
      ca.behaviour = (_request, response) =>
        answer(
          response,
          429,
          { type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many' },
          { 'Retry-After': '7200' },
        );
      const { session } = newSession();
      await assert.rejects(session.post(target, 'The order', {}), {
        title: 'The CA limits the rate of requests',
        message:
          /^The order: the CA answered HTTP 429, rateLimited: too many\nIt asks to come back in 7200 s \(20\d\d-.*Z\); a run waits 60 s at most\.$/,
      });
      assert.equal(ca.asked.length, 1);
    });
  });

  describe('a CA that answers something else than ACME', () => {
    it('has its web page told as text', async () => {
      ca.behaviour = (_request, response) =>
        answer(response, 403, '<html><body><h1>Forbidden</h1></body></html>', {
          'Content-Type': 'text/html',
        });
      await assert.rejects(newSession().session.post(target, 'The order', {}), {
        message:
          'The order: the CA answered HTTP 403, with a web page instead of a problem document: Forbidden',
      });
    });

    it('has an empty answer told as that', async () => {
      ca.behaviour = (_request, response) => answer(response, 404, '');
      await assert.rejects(newSession().session.post(target, 'The order', {}), {
        message: 'The order: the CA answered HTTP 404, with an empty answer',
      });
    });

    it('is not followed where it redirects a signed request', async () => {
      ca.behaviour = (_request, response) => answer(response, 302, '', { Location: `${ca.url}/elsewhere` });
      const { status } = await newSession().session.post(target, 'The order', {});
      assert.equal(status, 302);
      assert.deepEqual(
        ca.asked.map(({ path }) => path),
        ['/x'],
      );
    });

    it('is followed where it redirects to its directory', async () => {
      ca.behaviour = (_request, response) => answer(response, 301, '', { Location: `${ca.url}/directory` });
      const { session } = newSession({ directoryUrl: `${ca.url}/old` });
      assert.equal((await session.directory()).newOrder, `${ca.url}/newOrder`);
    });
  });

  describe('a CA that cannot be reached', () => {
    it('for a moment is asked again', async (t) => {
      withoutPauses(t);
      ca.behaviour = (_request, response) => {
        ca.asked.length === 1 ? response.socket?.destroy() : answer(response, 200, { ok: true });
      };
      const { session, lines } = newSession();
      assert.deepEqual((await session.post(target, 'It', {})).body, { ok: true });
      assert.match(
        linesOf(lines, 'info').join(),
        /^The CA cannot be reached \(ECONNRESET\); asking again in 0\.5 s/,
      );
    });

    it('at all is told with the reason', async (t) => {
      withoutPauses(t);
      const url = await closedPort();
      const { session } = newSession({ directoryUrl: `${url}/directory` });
      const failure = await session.directory().catch((error: unknown) => error);
      assert.ok(failure instanceof Failure);
      assert.equal(failure.title, 'The CA cannot be reached');
      assert.match(
        failure.message,
        new RegExp(`^The CA's directory: the connection to ${new URL(url).host} failed: .*ECONNREFUSED`),
      );
      assert.equal(session.requests, 5);
    });

    it('as its certificate is not trusted is told with what helps, at once', async () => {
      const { session } = newSession({ roots: [] });
      const failure = await session.directory().catch((error: unknown) => error);
      assert.ok(failure instanceof Failure);
      assert.equal(failure.title, "The CA's own certificate is not trusted");
      assert.equal(failure.advice, 'Give the roots of a private CA with ca-certificates.');
      assert.equal(session.requests, 1);
    });

    it('as its answer is too large is told', async (t) => {
      withoutPauses(t);
      ca.behaviour = (_request, response) => answer(response, 200, 'x'.repeat(5 * 1024 * 1024));
      await assert.rejects(newSession().session.post(target, 'It', {}), {
        title: 'The CA cannot be reached',
      });
    });
  });

  describe('a CA that is silent', () => {
    it('is given up after the time-out, twice', async (t) => {
      withoutPauses(t);
      const timeOuts = timeOutsByHand(t);
      ca.behaviour = () => timeOuts.pass();
      const { session, lines } = newSession({ requestTimeout: 30_000 });
      await assert.rejects(session.post(target, 'The order', {}), {
        title: 'The CA does not answer',
        message: `The order: ${new URL(ca.url).host} gave no answer within 30 s.`,
      });
      assert.equal(ca.asked.length, 2);
      assert.match(linesOf(lines, 'info').join(), /^The CA does not answer; asking again/);
    });

    it('is given up after the time that was set', async (t) => {
      withoutPauses(t);
      ca.behaviour = () => {};
      const { session } = newSession({ requestTimeout: 50 });
      await assert.rejects(session.post(target, 'The order', {}), { title: 'The CA does not answer' });
    });

    it('holds up no later request although its nonces are lost', { timeout: 10_000 }, async (t) => {
      withoutPauses(t);
      const timeOuts = timeOutsByHand(t);
      let silent = 0;
      ca.behaviour = ({ path }, response) => {
        if (path !== '/silent') {
          answer(response, 200, { ok: true });
          return;
        }
        silent += 1;
        if (silent === 3 || silent === 6) {
          timeOuts.pass();
        }
      };
      const { session } = newSession();
      const lost = Array.from({ length: 3 }, () => session.post({ url: `${ca.url}/silent` }, 'It', {}));
      const later = session.post(target, 'It', {});
      const outcomes = await Promise.allSettled(lost);
      assert.deepEqual(
        outcomes.map(({ status }) => status),
        Array(3).fill('rejected'),
      );
      assert.deepEqual((await later).body, { ok: true });
    });
  });

  describe('a cancelled run', () => {
    it('ends the request that is under way with the reason', async () => {
      const cancel = new AbortController();
      ca.behaviour = () => cancel.abort(new Error('cancelled'));
      await assert.rejects(newSession({ signal: cancel.signal }).session.post(target, 'It', {}), {
        message: 'cancelled',
      });
    });

    it('ends the pause before a retry', async () => {
      const cancel = new AbortController();
      ca.behaviour = (_request, response) => answer(response, 503, '', { 'Retry-After': '60' });
      const { session, lines } = newSession({ signal: cancel.signal });
      const outcome = assert.rejects(session.post(target, 'It', {}), { message: 'cancelled' });
      while (pauses(lines).length === 0) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      cancel.abort(new Error('cancelled'));
      await outcome;
    });

    it('may still send what is owed to the CA, under another signal', async () => {
      const { session } = newSession({ signal: AbortSignal.abort(new Error('cancelled')) });
      session.endWith(new AbortController().signal);
      assert.equal((await session.post(target, 'It', {})).status, 200);
    });
  });

  describe('debug logging', () => {
    it('shows each request with its status and without what it carries', async () => {
      const { session, lines } = newSession();
      await session.post(target, 'It', { secret: 'x' });
      assert.deepEqual(
        linesOf(lines, 'debug').map((line) => line.replace(/\d+ ms$/, '… ms')),
        [
          `GET ${ca.url}/directory → 200 in … ms`,
          `HEAD ${ca.url}/nonce → 200 in … ms`,
          `POST ${ca.url}/x → 200 in … ms`,
        ],
      );
    });
  });
});
