import { createHash } from 'node:crypto';
import { Failure } from '../failure.ts';
import type { Authorization, ChallengeObject } from './authorization.ts';
import { AcmeProblem } from './problem.ts';
import type { AcmeSession } from './session.ts';

/** A dns-01 challenge and what proves control of its name (RFC 8555 section 8.4). */
export interface DnsChallenge {
  authorization: Authorization;
  url: string;
  token: string;
  /** `token.thumbprint` (RFC 8555 section 8.1). */
  keyAuthorization: string;
  /** The TXT record's value. */
  value: string;
}

/**
 * The dns-01 challenge of an authorization.
 *
 * @param thumbprint of the account's key
 * @throws Failure when the CA offers none, or one whose token is not base64url as RFC 8555 section 8.1 demands
 */
export function dnsChallenge(authorization: Authorization, thumbprint: string): DnsChallenge {
  const { object, orderedName } = authorization;
  const challenge = object.challenges.find(({ type }) => type === 'dns-01');
  if (challenge === undefined) {
    const offered = object.challenges.map(({ type }) => type).join(', ') || 'none';
    throw new Failure(
      `No dns-01 challenge for ${orderedName}`,
      `${orderedName}: the CA offers these challenges: ${offered}.`,
      'This action answers dns-01; choose a CA that offers it for this name.',
    );
  }
  const token = challenge.token ?? '';
  if (!/^[A-Za-z0-9_-]+$/.test(token)) {
    throw new Failure(
      `A malformed challenge for ${orderedName}`,
      `${orderedName}: the CA's token is not base64url: ${JSON.stringify(token.slice(0, 80))}.`,
      'The CA does not follow RFC 8555 section 8.1; it is not handed to the script.',
    );
  }
  const keyAuthorization = `${token}.${thumbprint}`;
  return {
    authorization,
    url: challenge.url,
    token,
    keyAuthorization,
    value: createHash('sha256').update(keyAuthorization).digest('base64url'),
  };
}

/** Tells the CA that a challenge can be validated (RFC 8555 section 7.5.1). */
export async function answerChallenge(
  session: AcmeSession,
  challenge: Pick<DnsChallenge, 'authorization' | 'url'>,
): Promise<void> {
  const { orderedName } = challenge.authorization;
  try {
    await session.post<ChallengeObject>({ url: challenge.url }, `The challenge of ${orderedName}`, {});
  } catch (error) {
    // When the first answer was lost on the way, the second request is refused: the challenge is under way already.
    if (!(error instanceof AcmeProblem) || error.type !== 'malformed') {
      throw error;
    }
    const { body } = await session.post<ChallengeObject>(
      { url: challenge.url },
      `The challenge of ${orderedName}`,
    );
    if (body.status === 'pending') {
      throw error;
    }
  }
}
