import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { describe, it } from 'node:test';
import { type AccountSettings, readAccountSettings } from '../../../src/settings/account.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const given = (inputs: Record<string, string>) => (name: string) => inputs[name] ?? '';
const settings = (inputs: Record<string, string>): AccountSettings =>
  accepted((problems) => readAccountSettings(given(inputs), problems));
const faults = (inputs: Record<string, string>): string[] =>
  problemsOf((problems) => readAccountSettings(given(inputs), problems));

describe('the account', () => {
  it('is a new one without contact and binding when nothing is given', () => {
    assert.deepEqual(settings({}), { email: undefined, key: undefined, externalAccountBinding: undefined });
  });
});

describe('email', () => {
  it('is an address', () => {
    assert.equal(settings({ email: 'name@example.com' }).email, 'name@example.com');
  });

  it('may be written as a mailto URL', () => {
    assert.equal(settings({ email: 'mailto:name@example.com' }).email, 'name@example.com');
  });

  for (const email of ['name', 'a@b, c@d', 'a@b@c', 'a b@c', 'a@b?subject=x']) {
    it(`is not "${email}"`, () => {
      assert.deepEqual(faults({ email }), [
        `email: "${email}" is not one e-mail address; write name@example.com, or leave it out.`,
      ]);
    });
  }
});

describe('account-key', () => {
  it('is brought to PKCS#8', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const sec1 = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    assert.equal(settings({ 'account-key': sec1 }).key, pkcs8);
  });

  it('that is none is told without showing it', () => {
    assert.deepEqual(faults({ 'account-key': 'secret' }), [
      'account-key: "(not shown)" is no private key: neither PEM ("-----BEGIN … PRIVATE KEY-----") nor JWK.',
    ]);
  });
});

describe('the external account binding', () => {
  it('has a key id and a key in base64url, whatever base64 it was written in', () => {
    assert.deepEqual(
      settings({ 'eab-kid': 'kid', 'eab-hmac-key': 'ab+/ab+/ab+/ab+/ab==' }).externalAccountBinding,
      { kid: 'kid', hmacKey: 'ab-_ab-_ab-_ab-_ab' },
    );
  });

  it('without the HMAC key is told', () => {
    assert.deepEqual(faults({ 'eab-kid': 'kid' }), [
      'eab-hmac-key: is missing: the CA gives the key id and the HMAC key together.',
    ]);
  });

  it('without the key id is told', () => {
    assert.deepEqual(faults({ 'eab-hmac-key': 'abcdefghijklmnop' }), [
      'eab-kid: is missing: the CA gives the key id and the HMAC key together.',
    ]);
  });

  for (const key of ['short', 'abcdefgh ijklmnop', 'abcdefgh!ijklmnop']) {
    it(`has a key that is not "${key}", which is not shown`, () => {
      assert.deepEqual(faults({ 'eab-kid': 'kid', 'eab-hmac-key': key }), [
        'eab-hmac-key: "(not shown)" is not base64url, as CAs hand it out.',
      ]);
    });
  }
});
