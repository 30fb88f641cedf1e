import { Failure } from '../failure.ts';
import type { Authorization } from './authorization.ts';

/** A dns-persist-01 challenge (draft-ietf-acme-dns-persist): proved by a record that stands for good. */
export interface PersistentChallenge {
  authorization: Authorization;
  url: string;
  /** The CA's names, of which the record holds one. */
  issuers: string[];
  accountUri: string;
}

/**
 * The dns-persist-01 challenge of an authorization.
 *
 * @param accountUrl taken where the CA does not say how it names the account
 * @throws Failure when the CA offers none
 */
export function persistentChallenge(authorization: Authorization, accountUrl: string): PersistentChallenge {
  const { object, orderedName } = authorization;
  const challenge = object.challenges.find(({ type }) => type === 'dns-persist-01');
  const { 'issuer-domain-names': issuers, accounturi } = (challenge ?? {}) as Record<string, unknown>;
  if (challenge === undefined || !Array.isArray(issuers) || issuers.length === 0) {
    const offered = object.challenges.map(({ type }) => type).join(', ') || 'none';
    throw new Failure(
      `No dns-persist-01 challenge for ${orderedName}`,
      `${orderedName}: the CA offers these challenges: ${offered}.`,
      'Use challenge: dns-01, or a CA that offers dns-persist-01.',
    );
  }
  return {
    authorization,
    url: challenge.url,
    issuers: issuers.map(String),
    accountUri: typeof accounturi === 'string' ? accounturi : accountUrl,
  };
}
