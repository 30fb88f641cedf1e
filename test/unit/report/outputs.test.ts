import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeOutputs, isoSeconds, outputNames } from '../../../src/report/outputs.ts';
import { exampleResult } from '../fixtures/result.ts';

describe('the outputs', () => {
  it('describe the certificate and where its files are', () => {
    assert.deepEqual(describeOutputs(exampleResult()), {
      renewed: 'true',
      reason: 'There is no certificate yet.',
      certificate: '/out/cert.pem',
      chain: '/out/chain.pem',
      fullchain: '/out/fullchain.pem',
      'private-key': '/out/privkey.pem',
      pfx: '/out/cert.pfx',
      'account-key': '/out/account.pem',
      directory: '/out',
      domains: '["example.com","*.example.com"]',
      'not-before': '2026-11-23T08:00:00Z',
      'not-after': '2027-02-21T08:00:00Z',
      'renew-at': '2027-01-22T08:00:00Z',
      serial: '0A1B',
      fingerprint: 'ab12',
      issuer: 'Test CA',
      'ari-id': 'a.b',
      'account-url': 'https://ca.example/acct/1',
    });
  });

  it('are empty where there is no such file and no such identifier', () => {
    const result = exampleResult({ paths: {}, renewed: false });
    const outputs = describeOutputs({
      ...result,
      description: { ...result.description, renewalId: undefined },
    });
    const empty = Object.entries(outputs)
      .filter(([, value]) => value === '')
      .map(([name]) => name);
    assert.deepEqual(empty, [
      'certificate',
      'chain',
      'fullchain',
      'private-key',
      'pfx',
      'account-key',
      'ari-id',
    ]);
    assert.equal(outputs.renewed, 'false');
  });

  it('are those that are listed', () => {
    assert.deepEqual(Object.keys(describeOutputs(exampleResult())), [...outputNames]);
  });
});

describe('a time', () => {
  it('is written in UTC to the second', () => {
    assert.equal(isoSeconds(new Date('2026-11-23T09:00:00.999+01:00')), '2026-11-23T08:00:00Z');
  });
});
