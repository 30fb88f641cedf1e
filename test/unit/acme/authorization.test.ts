import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  type Authorization,
  AuthorizationFailure,
  deactivateAuthorization,
  readAuthorization,
  waitUntilAuthorized,
} from '../../../src/acme/authorization.ts';
import { type StoppedClock, stopClock } from '../fixtures/clock.ts';
import { fakeSession } from '../fixtures/session.ts';

const url = 'https://ca.example/authz/1';

function authorization(
  change: Partial<Authorization['object']> = {},
  orderedName = 'a.example',
): Authorization {
  const object = {
    identifier: { type: 'dns', value: 'a.example' },
    status: 'pending' as const,
    challenges: [],
    ...change,
  };
  return { url, orderedName, object };
}

function failedBy(type: string, detail: string): Partial<Authorization['object']> {
  const error = { type: `urn:ietf:params:acme:error:${type}`, detail };
  return { status: 'invalid', challenges: [{ type: 'dns-01', url, status: 'invalid', error }] };
}

describe('an authorization', () => {
  it('has the name as it was ordered', async () => {
    const { session } = fakeSession([{ body: authorization().object }]);
    assert.equal((await readAuthorization(session, url)).orderedName, 'a.example');
  });

  it('of a wildcard has the name with its asterisk', async () => {
    const body = {
      ...authorization().object,
      identifier: { type: 'dns', value: 'A.Example' },
      wildcard: true,
    };
    const { session } = fakeSession([{ body }]);
    assert.equal((await readAuthorization(session, url)).orderedName, '*.a.example');
  });

  it('is given up by deactivation', async () => {
    const { session, sent } = fakeSession([{}]);
    await deactivateAuthorization(session, url);
    assert.deepEqual([sent[0]?.to, sent[0]?.payload], [url, { status: 'deactivated' }]);
  });
});

describe('the wait for an authorization', () => {
  let clock: StoppedClock;
  beforeEach(() => {
    clock = stopClock();
  });
  afterEach(() => clock.restore());

  it('ends when it is valid', async () => {
    const { session, sent } = fakeSession([
      { body: authorization().object },
      { body: authorization({ status: 'valid' }).object },
    ]);
    const done = waitUntilAuthorized(session, authorization());
    await clock.advance(300);
    await done;
    assert.deepEqual(
      sent.map(({ purpose }) => purpose),
      ['The authorization of a.example', 'The authorization of a.example'],
    );
  });

  it('fails with what the CA says of it', async () => {
    const { session } = fakeSession([{ body: authorization(failedBy('dns', 'NXDOMAIN')).object }]);
    const outcome = assert.rejects(waitUntilAuthorized(session, authorization()), {
      title: 'The CA could not validate a.example',
      message: 'a.example (dns-01): dns: NXDOMAIN',
    });
    await clock.advance(100);
    await outcome;
  });

  it('fails when it takes too long', async () => {
    const { session } = fakeSession(() => ({ body: authorization().object }));
    const outcome = assert.rejects(waitUntilAuthorized(session, authorization()), {
      message: 'a.example: the authorization is pending, and the CA gives no reason',
    });
    await clock.advance(306_000);
    await outcome;
  });
});

describe('the failure of authorizations', () => {
  it('names each name with its challenge and what the CA says', () => {
    const failure = new AuthorizationFailure([
      authorization(failedBy('unauthorized', 'wrong value')),
      authorization({ status: 'expired' }, '*.b.example'),
    ]);
    assert.equal(failure.title, 'The CA could not validate 2 names');
    assert.equal(
      failure.message,
      'a.example (dns-01): unauthorized: wrong value\n*.b.example: the authorization is expired, and the CA gives no reason',
    );
  });

  it('hands on what failed', () => {
    const failed = [authorization({ status: 'invalid' })];
    assert.deepEqual(new AuthorizationFailure(failed).failed, failed);
  });

  it('has advice about the record when the CA saw a wrong value', () => {
    assert.match(
      new AuthorizationFailure([authorization(failedBy('unauthorized', 'wrong'))]).advice,
      /^The CA saw something else than the script set/,
    );
  });
});
