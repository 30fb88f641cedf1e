import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { secretsIn } from '../../../src/settings/secrets.ts';

const secrets = (inputs: Record<string, string>): string[] => secretsIn(new Map(Object.entries(inputs)));

describe('the secrets among the inputs', () => {
  for (const name of ['account-key', 'eab-hmac-key', 'private-key', 'store-key', 'pfx-password']) {
    it(`include ${name} as a whole`, () => {
      assert.deepEqual(secrets({ [name]: 'a secret', domains: 'example.com' }), ['a secret']);
    });
  }

  it('include the value of every line of exec-env', () => {
    assert.deepEqual(secrets({ 'exec-env': 'TOKEN=abc\r\nPASSWORD=d=e=f\n\nEMPTY=' }), ['abc', 'd=e=f']);
  });

  it('include a line of exec-env without a name, as it may be a secret in the wrong place', () => {
    assert.deepEqual(secrets({ 'exec-env': 'bare-secret' }), ['bare-secret']);
  });

  it('leave out comments of exec-env', () => {
    assert.deepEqual(secrets({ 'exec-env': '# TOKEN=abc' }), []);
  });

  for (const file of ['./key.pem', '/etc/ssl/key', '../keys/site.pem', 'key.pem', 'site.key', 'jwk.json']) {
    it(`leave out the path ${file} in private-key, as a mask would hide it everywhere`, () => {
      assert.deepEqual(secrets({ 'private-key': file }), []);
    });
  }

  for (const name of ['eab-hmac-key', 'store-key', 'pfx-password', 'account-key']) {
    it(`include ${name} even if it looks like a path, as it never is one`, () => {
      assert.deepEqual(secrets({ [name]: '/aB3dEf9' }), ['/aB3dEf9']);
    });
  }
});
