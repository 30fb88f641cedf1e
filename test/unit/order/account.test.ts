import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { jwkThumbprint } from '../../../src/acme/account.ts';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { findAccountKey, useAccount, withKnownAccount } from '../../../src/order/account.ts';
import type { Store } from '../../../src/store/store.ts';
import type { AccountMeta } from '../../../src/store/stored-account.ts';
import { makeKey } from '../fixtures/certificate.ts';
import { linesOf } from '../fixtures/log.ts';
import { fakeSession } from '../fixtures/session.ts';

const directoryUrl = 'https://ca.example/directory';
const nobody = { email: undefined, key: undefined, externalAccountBinding: undefined };
const [keyA, keyB] = [makeKey(), makeKey()];
const url = 'https://ca.example/acct/1';

const thumbprintOf = (pem: string): string =>
  jwkThumbprint(createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' }) as Record<string, string>);

/** A store with the account of a key, or with none. */
function storeWith(keyPem: string | undefined): { store: Store; kept: [AccountMeta, string][] } {
  const kept: [AccountMeta, string][] = [];
  const store = {
    account: async () =>
      keyPem === undefined
        ? undefined
        : { folder: '', keyPem, meta: { directoryUrl, accountUrl: url, thumbprint: thumbprintOf(keyPem) } },
    keepAccount: async (meta: AccountMeta, pem: string) => void kept.push([meta, pem]),
  };
  return { store: store as unknown as Store, kept };
}

describe('the account’s key', () => {
  it('is a new one that is not kept where there is neither input nor store', async () => {
    const key = await findAccountKey(nobody, undefined, directoryUrl);
    assert.deepEqual([key.url, key.isKept], [undefined, false]);
    assert.equal(createPrivateKey(key.pem).asymmetricKeyDetails?.namedCurve, 'prime256v1');
  });

  it('is a new one that a store will keep where the store has none', async () => {
    const { isKept, url: known } = await findAccountKey(nobody, storeWith(undefined).store, directoryUrl);
    assert.deepEqual([isKept, known], [true, undefined]);
  });

  it('is the store’s, whose account is known', async () => {
    assert.deepEqual(await findAccountKey(nobody, storeWith(keyA).store, directoryUrl), {
      pem: keyA,
      url,
      isKept: true,
    });
  });

  it('is the input’s before the store’s, whose account is another then', async () => {
    assert.deepEqual(await findAccountKey({ ...nobody, key: keyB }, storeWith(keyA).store, directoryUrl), {
      pem: keyB,
      url: undefined,
      isKept: true,
    });
  });

  it('is the input’s with the account that the store knows of it', async () => {
    const { url: known } = await findAccountKey(
      { ...nobody, key: keyA },
      storeWith(keyA).store,
      directoryUrl,
    );
    assert.equal(known, url);
  });
});

describe('the account', () => {
  const registered = { status: 201, body: { status: 'valid' }, location: url };

  it('that is known costs no request', async () => {
    const { session, sent } = fakeSession([]);
    const key = { pem: keyA, url, isKept: true };
    assert.deepEqual(await useAccount(session, key, nobody, undefined), { url, isNew: false });
    assert.deepEqual([session.accountUrl, sent], [url, []]);
  });

  it('that is not known is registered, and kept in the store', async () => {
    const { session } = fakeSession([registered]);
    const { store, kept } = storeWith(undefined);
    const key = { pem: keyA, url: undefined, isKept: true };
    assert.deepEqual(await useAccount(session, key, nobody, store), { url, isNew: true });
    assert.deepEqual(kept, [[{ directoryUrl, accountUrl: url, thumbprint: thumbprintOf(keyA) }, keyA]]);
  });

  const forgotten = new AcmeProblem('x', 400, { type: 'urn:ietf:params:acme:error:accountDoesNotExist' });

  it('that the CA has forgotten is registered again, and the work is done once more', async () => {
    const { session, lines } = fakeSession([registered]);
    const faults: Error[] = [forgotten];
    const work = async (): Promise<string> => {
      const fault = faults.shift();
      if (fault !== undefined) {
        throw fault;
      }
      return 'done';
    };
    assert.equal(
      await withKnownAccount(session, { pem: keyA, url, isKept: true }, nobody, undefined, work),
      'done',
    );
    assert.deepEqual(linesOf(lines, 'info'), [
      `The CA does not know the stored account ${url} any more; its key is registered anew.`,
    ]);
  });

  for (const [kind, known, fault] of [
    ['was registered just now', undefined, forgotten],
    ['is known, for another failure', url, new Error('other')],
  ] as const) {
    it(`that ${kind} is not registered again`, async () => {
      const { session, sent } = fakeSession([]);
      const key = { pem: keyA, url: known, isKept: true };
      const outcome = withKnownAccount(session, key, nobody, undefined, () => Promise.reject(fault));
      await assert.rejects(outcome, (error) => error === fault);
      assert.deepEqual(sent, []);
    });
  }
});
