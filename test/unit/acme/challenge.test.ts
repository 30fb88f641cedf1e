import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import type { Authorization, ChallengeObject } from '../../../src/acme/authorization.ts';
import { answerChallenge, dnsChallenge } from '../../../src/acme/challenge.ts';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { fakeSession } from '../fixtures/session.ts';

const url = 'https://ca.example/chall/1';

function authorizationWith(...challenges: Partial<ChallengeObject>[]): Authorization {
  return {
    url: 'https://ca.example/authz/1',
    orderedName: '*.a.example',
    object: {
      identifier: { type: 'dns', value: 'a.example' },
      status: 'pending',
      challenges: challenges.map((challenge) => ({ type: 'dns-01', url, status: 'pending', ...challenge })),
    },
  };
}

describe('the dns-01 challenge of an authorization', () => {
  it('has the key authorization, and its SHA-256 in base64url as the record’s value', () => {
    const authorization = authorizationWith({ type: 'http-01', token: 'other' }, { token: 'tok-en_1' });
    assert.deepEqual(dnsChallenge(authorization, 'thumb'), {
      authorization,
      url,
      token: 'tok-en_1',
      keyAuthorization: 'tok-en_1.thumb',
      value: createHash('sha256').update('tok-en_1.thumb').digest('base64url'),
    });
  });

  it('that is not offered is told with those that are', () => {
    assert.throws(() => dnsChallenge(authorizationWith({ type: 'http-01' }, { type: 'tls-alpn-01' }), 't'), {
      title: 'No dns-01 challenge for *.a.example',
      message: '*.a.example: the CA offers these challenges: http-01, tls-alpn-01.',
    });
  });

  it('that is not offered where there is none at all is told as well', () => {
    assert.throws(() => dnsChallenge(authorizationWith(), 't'), {
      message: /offers these challenges: none\.$/,
    });
  });

  for (const token of [undefined, '', 'a b', 'a$(x)', 'a\nb', 'a=']) {
    it(`with the token ${JSON.stringify(token)} never reaches the script`, () => {
      const challenge = token === undefined ? {} : { token };
      assert.throws(() => dnsChallenge(authorizationWith(challenge), 't'), {
        title: 'A malformed challenge for *.a.example',
        message: `*.a.example: the CA's token is not base64url: ${JSON.stringify(token ?? '')}.`,
      });
    });
  }
});

describe('the answer to a challenge', () => {
  const challenge = dnsChallenge(authorizationWith({ token: 'token' }), 'thumb');
  const malformed = new AcmeProblem('x', 400, { type: 'urn:ietf:params:acme:error:malformed' });

  it('is an empty object', async () => {
    const { session, sent } = fakeSession([{}]);
    await answerChallenge(session, challenge);
    assert.deepEqual(
      sent.map(({ to, purpose, payload }) => ({ to, purpose, payload })),
      [{ to: url, purpose: 'The challenge of *.a.example', payload: {} }],
    );
  });

  it('that was lost on the way counts when the challenge is under way', async () => {
    const { session } = fakeSession([malformed, { body: { status: 'processing' } }]);
    await assert.doesNotReject(answerChallenge(session, challenge));
  });

  it('that is refused while the challenge is pending is a failure', async () => {
    const { session } = fakeSession([malformed, { body: { status: 'pending' } }]);
    await assert.rejects(answerChallenge(session, challenge), (error) => error === malformed);
  });

  it('that is refused for another reason is a failure at once', async () => {
    const refusal = new AcmeProblem('x', 403, { type: 'urn:ietf:params:acme:error:unauthorized' });
    const { session, sent } = fakeSession([refusal]);
    await assert.rejects(answerChallenge(session, challenge), (error) => error === refusal);
    assert.equal(sent.length, 1);
  });
});
