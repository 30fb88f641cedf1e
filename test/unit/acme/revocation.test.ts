import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { AcmeProblem } from '../../../src/acme/problem.ts';
import { revokeCertificate } from '../../../src/acme/revocation.ts';
import { makeCertificate } from '../fixtures/certificate.ts';
import { fakeSession } from '../fixtures/session.ts';

describe('a revocation', async () => {
  const { pem } = await makeCertificate();
  const certificate = new X509Certificate(pem).raw.toString('base64url');

  it('sends the certificate and the reason in the account’s name', async () => {
    const { session, sent } = fakeSession([{}]);
    assert.equal(await revokeCertificate(session, pem, 4, 'account'), true);
    assert.deepEqual(
      sent.map(({ to, payload, options }) => ({ to, payload, options })),
      [{ to: 'revokeCert', payload: { certificate, reason: 4 }, options: {} }],
    );
  });

  it('may be signed with the certificate’s own key', async () => {
    const { session, sent } = fakeSession([{}]);
    await revokeCertificate(session, pem, 1, 'certificate key');
    assert.deepEqual(sent[0]?.options, { signAs: 'key' });
  });

  it('is no news when it had been revoked before', async () => {
    const { session } = fakeSession([
      new AcmeProblem('x', 400, { type: 'urn:ietf:params:acme:error:alreadyRevoked' }),
    ]);
    assert.equal(await revokeCertificate(session, pem, 0, 'account'), false);
  });

  it('that the CA refuses is a failure', async () => {
    const { session } = fakeSession([
      new AcmeProblem('x', 403, { type: 'urn:ietf:params:acme:error:unauthorized' }),
    ]);
    await assert.rejects(revokeCertificate(session, pem, 0, 'account'), { type: 'unauthorized' });
  });
});
