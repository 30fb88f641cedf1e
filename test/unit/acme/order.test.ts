import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  createOrder,
  finalizeOrder,
  nameList,
  type Order,
  type OrderObject,
  orderFailure,
  waitUntilValidated,
} from '../../../src/acme/order.ts';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { type StoppedClock, stopClock } from '../fixtures/clock.ts';
import { linesOf } from '../fixtures/log.ts';
import { fakeSession, type Reply, type Sent } from '../fixtures/session.ts';

const url = 'https://ca.example/order/1';
const wish = { domains: ['a.example', '*.a.example'], profile: undefined, replaces: undefined };
const problem = (status: number, type: string) =>
  new AcmeProblem('x', status, { type: `urn:ietf:params:acme:error:${type}`, detail: 'd' });

function order(status: OrderObject['status'], change: Partial<OrderObject> = {}): Order {
  const object = {
    status,
    identifiers: [{ type: 'dns', value: 'a.example' }],
    authorizations: [],
    finalize: 'https://ca.example/finalize/1',
    ...change,
  };
  return { url, object };
}

const replyOf = (status: OrderObject['status'], change: Partial<OrderObject> = {}): Reply => ({
  body: order(status, change).object,
});
const payloads = (sent: readonly Sent[]): (object | undefined)[] => sent.map(({ payload }) => payload);

describe('a new order', () => {
  it('names the names', async () => {
    const { session, sent } = fakeSession([{ location: url, ...replyOf('pending') }]);
    const created = await createOrder(session, wish);
    assert.deepEqual(payloads(sent), [
      {
        identifiers: [
          { type: 'dns', value: 'a.example' },
          { type: 'dns', value: '*.a.example' },
        ],
      },
    ]);
    assert.equal(created.url, url);
  });

  it('names a profile that the CA offers', async () => {
    const { session, sent } = fakeSession([{ location: url }], { meta: { profiles: { short: 'x' } } });
    await createOrder(session, { ...wish, profile: 'short' });
    assert.equal((payloads(sent)[0] as { profile?: string }).profile, 'short');
  });

  it('is not sent with a profile that the CA does not offer', async () => {
    const { session, sent } = fakeSession([], { meta: { profiles: { short: 'x', classic: 'y' } } });
    await assert.rejects(createOrder(session, { ...wish, profile: 'tall' }), {
      message: 'profile: "tall" is not offered by https://ca.example/directory, which offers short, classic.',
    });
    assert.deepEqual(sent, []);
  });

  it('is not sent with a profile to a CA that has none', async () => {
    const { session } = fakeSession([]);
    await assert.rejects(createOrder(session, { ...wish, profile: 'tall' }), {
      message: /offers no profiles\.$/,
    });
  });

  it('names the certificate that it replaces where the CA has renewal information', async () => {
    const { session, sent } = fakeSession([{ location: url }], { renewalInfo: 'https://ca.example/ari' });
    await createOrder(session, { ...wish, replaces: 'old' });
    assert.equal((payloads(sent)[0] as { replaces?: string }).replaces, 'old');
  });

  it('does not name it to a CA without renewal information', async () => {
    const { session, sent } = fakeSession([{ location: url }]);
    await createOrder(session, { ...wish, replaces: 'old' });
    assert.deepEqual(Object.keys(payloads(sent)[0] ?? {}), ['identifiers']);
  });

  it('is sent without the replaced certificate when the CA refuses it, and the log says so', async () => {
    const { session, sent, lines } = fakeSession([problem(409, 'alreadyReplaced'), { location: url }], {
      renewalInfo: 'https://ca.example/ari',
    });
    await createOrder(session, { ...wish, replaces: 'old' });
    assert.deepEqual(Object.keys(payloads(sent)[1] ?? {}), ['identifiers']);
    assert.deepEqual(linesOf(lines, 'info'), [
      'The CA does not take the order as a replacement (alreadyReplaced); it is sent without.',
    ]);
  });

  it('is not sent again when the CA limits the rate', async () => {
    const { session, sent } = fakeSession([problem(429, 'rateLimited')], {
      renewalInfo: 'https://ca.example/ari',
    });
    await assert.rejects(createOrder(session, { ...wish, replaces: 'old' }), { type: 'rateLimited' });
    assert.equal(sent.length, 1);
  });

  it('fails when the CA gives no URL', async () => {
    const { session } = fakeSession([{}]);
    await assert.rejects(createOrder(session, wish), { title: 'The CA gave no order URL' });
  });
});

describe('an order', () => {
  let clock: StoppedClock;
  beforeEach(() => {
    clock = stopClock();
  });
  afterEach(() => clock.restore());

  it('is read until its names are validated', async () => {
    const { session } = fakeSession([replyOf('pending'), replyOf('ready')]);
    const ready = waitUntilValidated(session, order('pending'));
    await clock.advance(300);
    assert.equal((await ready).object.status, 'ready');
  });

  it('that is ready needs no reading', async () => {
    const { session, sent } = fakeSession([]);
    await waitUntilValidated(session, order('ready'));
    assert.deepEqual(sent, []);
  });

  it('that stays pending is told as the CA taking too long', async () => {
    const { session } = fakeSession(() => replyOf('pending'));
    const outcome = assert.rejects(waitUntilValidated(session, order('pending')), {
      title: 'The CA takes too long',
      message: 'The CA did not validate the names within 300 s: a.example.',
    });
    await clock.advance(306_000);
    await outcome;
  });

  it('is finalized with the request in base64url, and read until there is a certificate', async () => {
    const { session, sent } = fakeSession([
      replyOf('processing'),
      replyOf('processing'),
      replyOf('valid', { certificate: 'https://ca.example/cert/1' }),
    ]);
    const certificate = finalizeOrder(session, order('ready'), Buffer.from([0xfb, 0xff]));
    await clock.advance(400);
    assert.equal(await certificate, 'https://ca.example/cert/1');
    assert.deepEqual(
      sent.map(({ to, payload }) => ({ to, payload })),
      [
        { to: 'https://ca.example/finalize/1', payload: { csr: '-_8' } },
        { to: url, payload: undefined },
        { to: url, payload: undefined },
      ],
    );
  });

  it('is not read when the CA answers the finalization with the certificate', async () => {
    const { session, sent } = fakeSession([replyOf('valid', { certificate: 'https://ca.example/cert/1' })]);
    await finalizeOrder(session, order('ready'), Buffer.alloc(1));
    assert.equal(sent.length, 1);
  });

  it('whose finalization was carried out although its answer was lost is read on', async () => {
    const { session } = fakeSession([
      problem(403, 'orderNotReady'),
      replyOf('valid', { certificate: 'https://ca.example/cert/1' }),
    ]);
    assert.equal(await finalizeOrder(session, order('ready'), Buffer.alloc(1)), 'https://ca.example/cert/1');
  });

  it('that really is not ready fails with what the CA said', async () => {
    const { session } = fakeSession([problem(403, 'orderNotReady'), replyOf('pending')]);
    await assert.rejects(finalizeOrder(session, order('ready'), Buffer.alloc(1)), { type: 'orderNotReady' });
  });

  it('whose request the CA refuses fails with what the CA said', async () => {
    const { session } = fakeSession([problem(400, 'badCSR')]);
    await assert.rejects(finalizeOrder(session, order('ready'), Buffer.alloc(1)), { type: 'badCSR' });
  });

  it('that becomes invalid fails with the order’s error', async () => {
    const error = { type: 'urn:ietf:params:acme:error:caa', detail: 'forbidden' };
    const { session } = fakeSession([replyOf('invalid', { error })]);
    await assert.rejects(finalizeOrder(session, order('ready'), Buffer.alloc(1)), {
      message: 'The order for a.example became invalid: caa: forbidden',
    });
  });

  it('that is valid without a certificate is a failure', async () => {
    const { session } = fakeSession([replyOf('valid')]);
    await assert.rejects(finalizeOrder(session, order('ready'), Buffer.alloc(1)), {
      title: 'The CA did not issue the certificate',
    });
  });
});

describe('a failed order', () => {
  it('without an error says so', () => {
    assert.equal(
      orderFailure(order('invalid')).message,
      'The order for a.example became invalid: the CA gives no reason',
    );
  });
});

describe('names in a sentence', () => {
  it('are all there up to four', () => {
    assert.equal(nameList(['a', 'b', 'c', 'd']), 'a, b, c, d');
  });

  it('are three and a count above', () => {
    assert.equal(nameList(['a', 'b', 'c', 'd', 'e']), 'a, b, c and 2 more names');
  });
});
