import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type CurrentCertificate,
  decide,
  type RenewalRules,
  type Wish,
} from '../../../src/renewal/decision.ts';
import { exampleResult } from '../fixtures/result.ts';

/** For example.com and *.example.com, from 23 November 2026 to 21 February 2027. */
const { description } = exampleResult();
const directoryUrl = 'https://ca.example/directory';
const current: CurrentCertificate = {
  source: 'the store',
  description,
  provenance: { directoryUrl, profile: undefined, revoked: false, renewalInfoUrl: undefined },
  fault: undefined,
};
const wish: Wish = {
  domains: ['*.example.com', 'example.com'],
  keyType: 'ec256',
  publicKey: undefined,
  directoryUrl,
  profile: undefined,
};
const rules: RenewalRules = { renewBefore: undefined, checkInterval: 86_400_000, force: false };
const early = new Date('2026-12-01T00:00:00Z');

const reasonOf = (
  certificate: CurrentCertificate | undefined,
  change: { wish?: Partial<Wish>; rules?: Partial<RenewalRules>; now?: Date } = {},
): { due: boolean; reason: string } => {
  const { due, reason } = decide(
    certificate,
    { ...wish, ...change.wish },
    undefined,
    { ...rules, ...change.rules },
    change.now ?? early,
  );
  return { due, reason };
};
const due = (reason: string) => ({ due: true, reason });

describe('a certificate is not due', () => {
  it('while it is as wished and its time has not come', () => {
    assert.deepEqual(decide(current, wish, undefined, rules, early), {
      due: false,
      reason: 'Not due: valid until 2027-02-21T08:00Z, to be renewed from 2027-01-22T08:00Z (the lifetime).',
      renewAt: new Date('2027-01-22T08:00:00Z'),
    });
  });

  it('for what nobody knows of it: a server tells neither CA nor profile', () => {
    const served = { ...current, provenance: undefined };
    assert.equal(
      reasonOf(served, { wish: { directoryUrl: 'https://other.example', profile: 'x' } }).due,
      false,
    );
  });

  it('for a key of any type with a key of the user’s own', () => {
    assert.equal(
      reasonOf(current, { wish: { keyType: undefined, publicKey: description.publicKey } }).due,
      false,
    );
  });
});

describe('a certificate is due', () => {
  it('when there is none', () => {
    assert.deepEqual(decide(undefined, wish, undefined, rules, early), {
      due: true,
      reason: 'There is no certificate yet.',
      renewAt: undefined,
    });
  });

  it('when it cannot be read, with the reason', () => {
    const unreadable = { ...current, description: undefined, fault: "the store's cert.pem is missing" };
    assert.deepEqual(reasonOf(unreadable), due("Due: the store's cert.pem is missing."));
  });

  it('when its files have a fault', () => {
    assert.deepEqual(reasonOf({ ...current, fault: 'it is damaged' }), due('Due: it is damaged.'));
  });

  it('when it is forced', () => {
    assert.deepEqual(reasonOf(current, { rules: { force: true } }), due('Due: force is set.'));
  });

  it('when it was revoked', () => {
    const provenance = { directoryUrl, profile: undefined, revoked: true, renewalInfoUrl: undefined };
    assert.deepEqual(reasonOf({ ...current, provenance }), due('Due: it was revoked.'));
  });

  it('when the names changed', () => {
    assert.deepEqual(
      reasonOf(current, { wish: { domains: ['example.com', 'new.example.com'] } }),
      due('Due: the names changed (+new.example.com, -*.example.com).'),
    );
  });

  it('when many names changed, of which it tells six', () => {
    const domains = [...wish.domains, ...Array.from({ length: 8 }, (_, index) => `${index}.example`)];
    assert.match(reasonOf(current, { wish: { domains } }).reason, /\(\+0\.example, .*\+5\.example, …\)\.$/);
  });

  it('when it is for another key', () => {
    assert.deepEqual(reasonOf(current, { wish: { publicKey: 'other' } }), due('Due: it is for another key.'));
  });

  it('when the key type changed', () => {
    assert.deepEqual(
      reasonOf(current, { wish: { keyType: 'rsa2048' } }),
      due('Due: the key type changed from ec256 to rsa2048.'),
    );
  });

  it('when the CA changed', () => {
    assert.deepEqual(
      reasonOf(current, { wish: { directoryUrl: 'https://b.example' } }),
      due('Due: the CA changed from https://ca.example/directory to https://b.example.'),
    );
  });

  it('when the profile changed', () => {
    assert.deepEqual(
      reasonOf(current, { wish: { profile: 'short' } }),
      due("Due: the profile changed from the CA's default to short."),
    );
  });

  it('when it has expired', () => {
    assert.deepEqual(
      reasonOf(current, { now: new Date('2027-02-21T08:00:00Z') }),
      due('Due: it expired on 2027-02-21T08:00Z.'),
    );
  });

  it('when its time has come', () => {
    assert.deepEqual(
      reasonOf(current, { now: new Date('2027-01-22T08:00:00Z') }),
      due('Due since 2027-01-22T08:00Z (the lifetime); valid until 2027-02-21T08:00Z.'),
    );
  });

  it('when its time would come before the next run', () => {
    assert.deepEqual(
      reasonOf(current, { now: new Date('2027-01-21T08:00:00Z') }),
      due(
        'Due at 2027-01-22T08:00Z (the lifetime), before the next run in about 24 h; valid until 2027-02-21T08:00Z.',
      ),
    );
  });
});
