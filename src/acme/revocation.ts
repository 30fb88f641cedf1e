import { X509Certificate } from 'node:crypto';
import { AcmeProblem } from './problem.ts';
import type { AcmeSession } from './session.ts';

/** The reasons of RFC 5280 section 5.3.1 by name; number 7 is not used. */
export const revocationReasons: Readonly<Record<string, number>> = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
};

/**
 * Revokes a certificate (RFC 8555 section 7.6), in the name of the account or with the certificate's own key.
 *
 * @returns whether it was revoked now; false when it had been before
 * @throws AcmeProblem when the CA refuses
 */
export async function revokeCertificate(
  session: AcmeSession,
  certificatePem: string,
  reason: number,
  signer: 'account' | 'certificate key',
): Promise<boolean> {
  const certificate = new X509Certificate(certificatePem).raw.toString('base64url');
  try {
    await session.post(
      { resource: 'revokeCert' },
      'The revocation',
      { certificate, reason },
      signer === 'account' ? {} : { signAs: 'key' },
    );
    return true;
  } catch (error) {
    if (error instanceof AcmeProblem && error.type === 'alreadyRevoked') {
      return false;
    }
    throw error;
  }
}
