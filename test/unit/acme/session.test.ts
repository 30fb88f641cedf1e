import assert from 'node:assert/strict';
import { after, afterEach, beforeEach, describe, it } from 'node:test';
import { AcmeSession, parseLinks } from '../../../src/acme/session.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { answer, FakeCa, refuse } from '../fixtures/fake-ca.ts';
import { recordingLog } from '../fixtures/log.ts';

const ca = await FakeCa.start();
const accountKey = makeKey();
const sessions: AcmeSession[] = [];
describe('a session with a CA', () => {
  after(() => ca.stop());
  beforeEach(() => ca.reset());
  afterEach(() => {
    for (const session of sessions.splice(0)) {
      session.close();
    }
  });

  function newSession(externalAccountBinding?: { kid: string; hmacKey: string }): AcmeSession {
    const session = new AcmeSession({
      directoryUrl: `${ca.url}/directory`,
      accountKey,
      externalAccountBinding,
      roots: [ca.root],
      requestTimeout: 5000,
      log: recordingLog().log,
      signal: new AbortController().signal,
    });
    sessions.push(session);
    return session;
  }

  describe('the directory', () => {
    it('is asked for once, as the count of the requests shows', async () => {
      const session = newSession();
      await session.directory();
      await session.directory();
      assert.equal(session.requests, 1);
    });

    it('that lacks something is told with what it lacks', async () => {
      ca.directory = { newNonce: undefined, newOrder: 5 };
      await assert.rejects(newSession().directory(), {
        title: 'This is no ACME directory',
        message: `${ca.url}/directory does not answer with an ACME directory: it has no newNonce, newOrder.`,
      });
    });

    it('without a resource that is asked for is told', async () => {
      await assert.rejects(newSession().post({ resource: 'revokeCert' }, 'The revocation', {}), {
        message: `The directory ${ca.url}/directory offers no revokeCert.`,
      });
    });
  });

  describe('a signed request', () => {
    it('is signed with the public key while there is no account', async () => {
      const session = newSession();
      await session.post({ resource: 'newAccount' }, 'The account', {}, { signAs: 'new account' });
      assert.deepEqual(ca.asked[0]?.header.jwk, session.accountJwk);
    });

    it('is signed in the account’s name once it is known', async () => {
      const session = newSession();
      session.accountUrl = `${ca.url}/account/1`;
      await session.post({ resource: 'newOrder' }, 'The order', {});
      const { kid, jwk, url } = ca.asked[0]?.header ?? {};
      assert.deepEqual(
        { kid, jwk, url },
        { kid: session.accountUrl, jwk: undefined, url: `${ca.url}/newOrder` },
      );
    });

    it('is signed with the key when told so, whatever the account', async () => {
      const session = newSession();
      session.accountUrl = `${ca.url}/account/1`;
      await session.post({ url: `${ca.url}/x` }, 'It', {}, { signAs: 'key' });
      assert.deepEqual([ca.asked[0]?.header.kid, typeof ca.asked[0]?.header.jwk], [undefined, 'object']);
    });

    it('for a new account carries the external account binding', async () => {
      const session = newSession({ kid: 'kid-1', hmacKey: 'c2VjcmV0' });
      await session.post({ resource: 'newAccount' }, 'The account', {}, { signAs: 'new account' });
      const binding = ca.asked[0]?.payload?.externalAccountBinding as { protected: string };
      assert.deepEqual(JSON.parse(Buffer.from(binding.protected, 'base64url').toString()), {
        alg: 'HS256',
        url: `${ca.url}/newAccount`,
        kid: 'kid-1',
      });
    });

    it('without a payload reads a resource', async () => {
      await newSession().post({ url: `${ca.url}/order/1` }, 'The order');
      assert.deepEqual([ca.asked[0]?.method, ca.asked[0]?.payload], ['POST', undefined]);
    });

    it('says who asks', async () => {
      await newSession().post({ url: `${ca.url}/x` }, 'It');
      assert.match(ca.asked[0]?.headers['user-agent'] ?? '', /^acme-exec\/\d+\.\d+\.\d+ node\//);
    });

    it('spends the nonce of the answer before', async () => {
      const session = newSession();
      await session.post({ url: `${ca.url}/1` }, 'One');
      await session.post({ url: `${ca.url}/2` }, 'Two');
      const nonceRequests = ca.arrived.filter(({ path }) => path === '/nonce');
      assert.equal(nonceRequests.length, 1);
      assert.notEqual(ca.asked[0]?.header.nonce, ca.asked[1]?.header.nonce);
    });
  });

  describe('an answer', () => {
    it('is reduced to what ACME uses', async () => {
      ca.behaviour = (_request, response) =>
        answer(
          response,
          201,
          { status: 'pending' },
          {
            Location: `${ca.url}/order/1`,
            'Retry-After': '3',
            Link: `<${ca.url}/directory>;rel="index"`,
            'Content-Type': 'application/json',
          },
        );
      assert.deepEqual(await newSession().post({ url: `${ca.url}/x` }, 'It', {}), {
        status: 201,
        body: { status: 'pending' },
        location: `${ca.url}/order/1`,
        retryAfter: 3000,
        links: [{ relation: 'index', url: `${ca.url}/directory` }],
      });
    });

    it('without these headers lacks them', async () => {
      const { location, retryAfter, links } = await newSession().post({ url: `${ca.url}/x` }, 'It', {});
      assert.deepEqual(
        { location, retryAfter, links },
        { location: undefined, retryAfter: undefined, links: [] },
      );
    });
  });

  describe('a refused nonce', () => {
    it('has the request signed again with the nonce of the refusal', async () => {
      ca.behaviour = (_request, response) =>
        ca.asked.length === 1 ? refuse(response, 400, 'badNonce') : answer(response, 200, { ok: true });
      const { body } = await newSession().post({ url: `${ca.url}/x` }, 'It', {});
      assert.deepEqual(body, { ok: true });
      assert.equal(ca.asked.length, 2);
      assert.notEqual(ca.asked[0]?.header.nonce, ca.asked[1]?.header.nonce);
    });

    it('that comes without another one has one fetched', async () => {
      ca.behaviour = (_request, response) => {
        if (ca.asked.length === 1) {
          response.removeHeader('Replay-Nonce');
          refuse(response, 400, 'badNonce');
        } else {
          answer(response, 200, { ok: true });
        }
      };
      const { body } = await newSession().post({ url: `${ca.url}/x` }, 'It', {});
      assert.deepEqual(body, { ok: true });
      assert.equal(ca.arrived.filter(({ path }) => path === '/nonce').length, 2);
    });

    it('is a refusal of the CA when it happens again and again', async () => {
      ca.behaviour = (_request, response) => refuse(response, 400, 'badNonce');
      await assert.rejects(newSession().post({ url: `${ca.url}/x` }, 'The order', {}), {
        type: 'badNonce',
        message: 'The order: the CA answered HTTP 400, badNonce: the detail of badNonce',
      });
      assert.equal(ca.asked.length, 11);
    });

    it('holds up no later request, however often it happens', { timeout: 10_000 }, async () => {
      ca.behaviour = (_request, response) => refuse(response, 400, 'badNonce');
      const session = newSession();
      const outcomes: string[] = [];
      for (let count = 0; count < 5; count += 1) {
        await session.post({ url: `${ca.url}/x` }, 'It', {}).catch(({ type }) => outcomes.push(type));
      }
      assert.deepEqual(outcomes, Array(5).fill('badNonce'));
    });
  });

  describe('a Link header', () => {
    for (const [header, links] of [
      ['', []],
      ['<https://a/1>;rel="alternate"', [['alternate', 'https://a/1']]],
      [
        '<https://a/d>;rel="index", <https://a/1>; title="x"; rel=alternate',
        [
          ['index', 'https://a/d'],
          ['alternate', 'https://a/1'],
        ],
      ],
      ['<https://a/1>', []],
      ['<https://a/1>, <https://a/2>;rel="up"', [['up', 'https://a/2']]],
    ] as const) {
      it(`${JSON.stringify(header)} has ${links.length} links`, () => {
        assert.deepEqual(
          parseLinks(header).map(({ relation, url }) => [relation, url]),
          links,
        );
      });
    }
  });
});
