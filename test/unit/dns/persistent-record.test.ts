import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isPersistentProof, persistentValue } from '../../../src/dns/persistent-record.ts';

const proof = {
  issuers: ['ca.example', 'ca.test'],
  accountUri: 'https://ca.example/acct/1',
  wildcard: false,
};
const now = new Date('2026-11-23T00:00:00Z');
const inDays = (count: number): number => now.getTime() / 1000 + count * 86_400;
const least = 'ca.example; accounturi=https://ca.example/acct/1';

describe('the value of a standing record', () => {
  it('names the CA and the account', () => {
    assert.equal(persistentValue(proof), least);
  });

  it('allows wildcards where they are wanted', () => {
    assert.equal(persistentValue({ ...proof, wildcard: true }), `${least}; policy=wildcard`);
  });

  it('is a proof itself', () => {
    assert.ok(
      isPersistentProof(persistentValue({ ...proof, wildcard: true }), { ...proof, wildcard: true }, now),
    );
  });
});

describe('a record is a proof', () => {
  for (const value of [
    least,
    'ca.test;accounturi=https://ca.example/acct/1',
    ' ca.example ;  AccountURI = https://ca.example/acct/1 ; other=x',
    `${least}; policy=wildcard`,
    `${least}; persistUntil=${inDays(8)}`,
  ]) {
    it(`as "${value}"`, () => {
      assert.equal(isPersistentProof(value, proof, now), true);
    });
  }

  it('for a wildcard with the policy in any case', () => {
    assert.equal(isPersistentProof(`${least}; policy=WildCard`, { ...proof, wildcard: true }, now), true);
  });
});

describe('a record is no proof', () => {
  for (const value of [
    '',
    'ca.example',
    'other.example; accounturi=https://ca.example/acct/1',
    'ca.example; accounturi=https://ca.example/acct/2',
    'ca.example; accounturi=https://ca.example/ACCT/1',
    `${least}; persistUntil=${inDays(6)}`,
    `${least}; persistUntil=soon`,
  ]) {
    it(`as "${value}"`, () => {
      assert.equal(isPersistentProof(value, proof, now), false);
    });
  }

  it('for a wildcard without the policy', () => {
    assert.equal(isPersistentProof(least, { ...proof, wildcard: true }, now), false);
  });
});
