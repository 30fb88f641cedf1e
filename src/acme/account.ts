import { createHash } from 'node:crypto';
import { Failure } from '../failure.ts';
import { AcmeProblem } from './problem.ts';
import type { AcmeSession } from './session.ts';

/** What a new account is made with (RFC 8555 section 7.3). */
export interface AccountRequest {
  email: string | undefined;
  /** Whether the session signs with an external account binding (RFC 8555 section 7.3.4). */
  hasBinding: boolean;
  /** Whether only an account that the CA knows will do. */
  mustExist?: boolean;
}

interface AccountObject {
  status: string;
}

/**
 * Makes the account of the session's key, or finds the one that the key already has. The terms of service count as
 * agreed to; the caller has made sure of that.
 *
 * @returns the account's URL and whether it is new
 * @throws AcmeProblem when the CA refuses; Failure when the account is not valid any more
 */
export async function registerAccount(
  session: AcmeSession,
  { email, hasBinding, mustExist: onlyExisting = false }: AccountRequest,
): Promise<{ url: string; isNew: boolean }> {
  const { meta } = await session.directory();
  const needsBinding = meta?.externalAccountRequired === true && !hasBinding;
  const mustExist = onlyExisting || needsBinding;
  const answer = await session
    .post<AccountObject>(
      { resource: 'newAccount' },
      'The account',
      mustExist
        ? { onlyReturnExisting: true }
        : { termsOfServiceAgreed: true, ...(email !== undefined && { contact: [`mailto:${email}`] }) },
      { signAs: 'new account' },
    )
    .catch((error: unknown) => {
      throw needsBinding && isUnknownAccount(error) ? bindingRequired(session) : error;
    });
  if (answer.body.status !== 'valid') {
    throw new Failure(
      'The account cannot be used',
      `The CA says that the account of this key is ${answer.body.status}.`,
      'Leave account-key out, or give another key, to make a new account; with a store, remove its folder under accounts/.',
    );
  }
  if (answer.location === undefined) {
    throw new Failure(
      'The CA gave no account URL',
      'The answer to newAccount has no Location header.',
      'The CA does not follow RFC 8555 section 7.3; report it there.',
    );
  }
  session.accountUrl = answer.location;
  return { url: answer.location, isNew: answer.status === 201 };
}

/** Whether the CA does not know the account that signed a request. */
export function isUnknownAccount(error: unknown): boolean {
  return error instanceof AcmeProblem && error.type === 'accountDoesNotExist';
}

function bindingRequired({ directoryUrl }: AcmeSession): Failure {
  return new Failure(
    'This CA needs an external account binding',
    `${directoryUrl} makes new accounts only for its customers, and does not know the key of this run.`,
    'Set eab-kid and eab-hmac-key, which the CA hands out in its console, or account-key of an account that it knows.',
  );
}

/** The thumbprint of a public key, SHA-256 in base64url (RFC 7638). */
export function jwkThumbprint(jwk: Record<string, string>): string {
  const required = jwk.kty === 'RSA' ? ['e', 'kty', 'n'] : ['crv', 'kty', 'x', 'y'];
  const canonical = JSON.stringify(Object.fromEntries(required.map((member) => [member, jwk[member]])));
  return createHash('sha256').update(canonical).digest('base64url');
}
