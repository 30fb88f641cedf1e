import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Authorization } from '../../../src/acme/authorization.ts';
import { dnsChallenge } from '../../../src/acme/challenge.ts';
import type { RecordLocation, RecordLocator } from '../../../src/dns/record-location.ts';
import { expectations, identifierOf, type Proof, proofOf } from '../../../src/order/proofs.ts';

function authorizationOf(orderedName: string, token: string): Authorization {
  return {
    url: 'https://ca.example/authz',
    orderedName,
    object: {
      identifier: { type: 'dns', value: orderedName.replace('*.', '').toUpperCase() },
      status: 'pending',
      challenges: [{ type: 'dns-01', url: 'https://ca.example/chall', status: 'pending', token }],
    },
  };
}

/** A locator that knows one alias and one zone. */
const locator = {
  locate: async (domain: string): Promise<RecordLocation> => ({
    name: domain === 'alias.example' ? 'target.example.net' : `_acme-challenge.${domain}`,
    zone: domain === 'alias.example' ? { name: 'example.net', servers: [] } : undefined,
    fault: undefined,
  }),
} as unknown as RecordLocator;

const proof = (orderedName: string, token: string): Promise<Proof> =>
  proofOf(dnsChallenge(authorizationOf(orderedName, token), 'thumb'), locator);

describe('the record of a challenge', () => {
  it('has the terms of both modes of the script', async () => {
    const { record, challenge } = await proof('*.alias.example', 'token');
    assert.deepEqual(record, {
      fqdn: 'target.example.net.',
      value: challenge.value,
      domain: 'alias.example',
      token: 'token',
      keyAuthorization: 'token.thumb',
      orderedName: '*.alias.example',
      zone: 'example.net',
    });
  });

  it('has no zone where none was found', async () => {
    assert.equal((await proof('a.example', 'token')).record.zone, undefined);
  });
});

describe('what must be seen', () => {
  it('is all values of one name together, in the order of their presentation', async () => {
    const proofs = [
      await proof('a.example', 'one'),
      await proof('b.example', 'two'),
      await proof('*.a.example', 'three'),
    ];
    const [one, two, three] = proofs.map(({ challenge }) => challenge.value);
    assert.deepEqual(
      expectations(proofs).map(({ record }) => record),
      [
        { name: '_acme-challenge.a.example', values: [one, three], overwritten: [] },
        { name: '_acme-challenge.b.example', values: [two], overwritten: [] },
      ],
    );
  });
});

describe('the name that is proved', () => {
  it('is in lower case and without an asterisk', () => {
    assert.equal(identifierOf(authorizationOf('*.a.example', 't')), 'a.example');
  });
});
