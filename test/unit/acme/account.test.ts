import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isUnknownAccount, jwkThumbprint, registerAccount } from '../../../src/acme/account.ts';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { fakeSession } from '../fixtures/session.ts';

const unknownAccount = new AcmeProblem('The account', 400, {
  type: 'urn:ietf:params:acme:error:accountDoesNotExist',
});
const valid = { status: 201, body: { status: 'valid' }, location: 'https://ca.example/acct/1' };
const nobody = { email: undefined, hasBinding: false };

describe('the registration of an account', () => {
  it('agrees to the terms and gives the contact', async () => {
    const { session, sent } = fakeSession([valid]);
    await registerAccount(session, { email: 'a@b.example', hasBinding: false });
    assert.deepEqual(
      sent.map(({ to, payload, options }) => ({ to, payload, options })),
      [
        {
          to: 'newAccount',
          payload: { termsOfServiceAgreed: true, contact: ['mailto:a@b.example'] },
          options: { signAs: 'new account' },
        },
      ],
    );
  });

  it('gives no contact when there is none', async () => {
    const { session, sent } = fakeSession([valid]);
    await registerAccount(session, nobody);
    assert.deepEqual(sent[0]?.payload, { termsOfServiceAgreed: true });
  });

  it('tells a new account from one that the key had', async () => {
    const known = fakeSession([{ ...valid, status: 200 }]);
    assert.deepEqual(
      [
        await registerAccount(fakeSession([valid]).session, nobody),
        await registerAccount(known.session, nobody),
      ],
      [
        { url: 'https://ca.example/acct/1', isNew: true },
        { url: 'https://ca.example/acct/1', isNew: false },
      ],
    );
  });

  it('has the session sign in the account’s name from then on', async () => {
    const { session } = fakeSession([valid]);
    await registerAccount(session, nobody);
    assert.equal(session.accountUrl, 'https://ca.example/acct/1');
  });

  it('makes none where only a known one will do', async () => {
    const { session, sent } = fakeSession([valid]);
    await registerAccount(session, { ...nobody, mustExist: true });
    assert.deepEqual(sent[0]?.payload, { onlyReturnExisting: true });
  });

  it('only looks for a known one without a binding that the CA wants', async () => {
    const { session, sent } = fakeSession([valid], { meta: { externalAccountRequired: true } });
    await registerAccount(session, nobody);
    assert.deepEqual(sent[0]?.payload, { onlyReturnExisting: true });
  });

  it('makes a new one with the binding that the CA wants', async () => {
    const { session, sent } = fakeSession([valid], { meta: { externalAccountRequired: true } });
    await registerAccount(session, { email: undefined, hasBinding: true });
    assert.deepEqual(sent[0]?.payload, { termsOfServiceAgreed: true });
  });

  it('asks for the binding when the CA wants one and does not know the key', async () => {
    const { session } = fakeSession([unknownAccount], { meta: { externalAccountRequired: true } });
    await assert.rejects(registerAccount(session, nobody), {
      title: 'This CA needs an external account binding',
      message:
        'https://ca.example/directory makes new accounts only for its customers, and does not know the key of this run.',
    });
  });

  it('throws any other refusal as it is', async () => {
    const refusal = new AcmeProblem('The account', 403, {
      type: 'urn:ietf:params:acme:error:userActionRequired',
    });
    const { session } = fakeSession([refusal], { meta: { externalAccountRequired: true } });
    await assert.rejects(registerAccount(session, nobody), (error) => error === refusal);
  });

  it('fails when the account is not valid any more', async () => {
    const { session } = fakeSession([{ ...valid, body: { status: 'deactivated' } }]);
    await assert.rejects(registerAccount(session, nobody), {
      message: 'The CA says that the account of this key is deactivated.',
    });
  });

  it('fails when the CA gives no URL', async () => {
    const { session } = fakeSession([{ body: { status: 'valid' } }]);
    await assert.rejects(registerAccount(session, nobody), { title: 'The CA gave no account URL' });
  });
});

describe('an unknown account', () => {
  it('is told by the type of the refusal', () => {
    assert.deepEqual([unknownAccount, new AcmeProblem('x', 400, ''), new Error('x')].map(isUnknownAccount), [
      true,
      false,
      false,
    ]);
  });
});

describe('the thumbprint of a key', () => {
  it('of RSA is that of the example in RFC 7638', () => {
    const n =
      '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
    assert.equal(
      jwkThumbprint({ kty: 'RSA', n, e: 'AQAB', alg: 'RS256', kid: '2011-04-29' }),
      'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
    );
  });

  it('of an EC key goes by crv, kty, x and y alone, in this order', () => {
    const key = { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' };
    assert.equal(jwkThumbprint({ y: 'y', x: 'x', use: 'sig', crv: 'P-256', kty: 'EC' }), jwkThumbprint(key));
  });
});
