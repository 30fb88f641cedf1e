import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeProblems } from '../../../src/settings/problem.ts';
import { readRevocationSettings } from '../../../src/settings/revocation.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { makeCertificate } from '../fixtures/certificate.ts';

const workspace = temporaryFolder('revocation-settings');
const { pem, keyPem } = await makeCertificate();

function read(inputs: Record<string, string>) {
  const { settings, problems } = readRevocationSettings(new Map(Object.entries(inputs)), {
    GITHUB_WORKSPACE: workspace,
  });
  return { settings, faults: problems.map((problem) => describeProblems([problem])) };
}

describe('the settings of a revocation', () => {
  it('are a certificate and the account’s key', () => {
    const { settings, faults } = read({ certificate: pem, 'account-key': keyPem });
    assert.deepEqual(faults, []);
    assert.deepEqual(
      [
        settings?.certificate,
        settings?.accountKey,
        settings?.certificateKey,
        settings?.reason,
        settings?.store,
      ],
      [pem, keyPem, undefined, 0, undefined],
    );
  });

  it('may be the certificate’s own key', () => {
    assert.equal(read({ certificate: pem, 'private-key': keyPem }).settings?.certificateKey, keyPem);
  });

  it('may be a name in a store, with its account', () => {
    const { settings } = read({ name: 'a', store: 's', 'store-key': 'correct horse battery' });
    assert.deepEqual([settings?.certificate, settings?.name], [undefined, 'a']);
  });

  for (const [text, number] of [
    ['keyCompromise', 1],
    ['SUPERSEDED', 4],
    ['5', 5],
  ] as const) {
    it(`have the reason ${text}`, () => {
      assert.equal(read({ certificate: pem, 'account-key': keyPem, reason: text }).settings?.reason, number);
    });
  }

  it('have no reason that is not used', () => {
    assert.match(
      read({ certificate: pem, 'account-key': keyPem, reason: '7' }).faults.join('\n'),
      /^reason: "7" is no reason for a revocation; use one of unspecified \(0\), keyCompromise \(1\), /,
    );
  });

  it('need a certificate and a key', () => {
    assert.deepEqual(read({}).faults, [
      'certificate: is required: the path of the certificate, or store with name.',
      "account-key: is required: the key of the account, or private-key, the certificate's own, or a store.",
    ]);
  });

  it('have one key, not two', () => {
    assert.deepEqual(read({ certificate: pem, 'account-key': keyPem, 'private-key': keyPem }).faults, [
      'private-key: contradicts account-key: the request is signed with one of them; keep one.',
    ]);
  });

  it('are wrong with something else than a certificate', () => {
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    assert.deepEqual(read({ certificate: damaged, 'account-key': keyPem }).faults, [
      'certificate: "(text)" holds no PEM certificate ("-----BEGIN CERTIFICATE-----").',
    ]);
  });
});
