import { Failure } from '../failure.ts';
import { pollUntil } from './poll.ts';
import { describeProblem, parseProblem, problemAdvice } from './problem.ts';
import type { AcmeSession } from './session.ts';

/** A challenge object (RFC 8555 section 7.1.5). */
export interface ChallengeObject {
  type: string;
  url: string;
  status: 'pending' | 'processing' | 'valid' | 'invalid';
  token?: string;
  error?: unknown;
}

/** An authorization object (RFC 8555 section 7.1.4). */
export interface AuthorizationObject {
  identifier: { type: string; value: string };
  status: 'pending' | 'valid' | 'invalid' | 'deactivated' | 'expired' | 'revoked';
  challenges: ChallengeObject[];
  wildcard?: boolean;
}

/** An authorization, where it is read, and the name as it was ordered. */
export interface Authorization {
  url: string;
  /** With `*.` for a wildcard. */
  orderedName: string;
  object: AuthorizationObject;
}

const longestWait = 300_000;

export async function readAuthorization(session: AcmeSession, url: string): Promise<Authorization> {
  const { body } = await session.post<AuthorizationObject>({ url }, 'An authorization');
  const name = body.identifier.value.toLowerCase();
  return { url, orderedName: body.wildcard === true ? `*.${name}` : name, object: body };
}

/**
 * Waits until an authorization is decided.
 *
 * @throws Failure when it fails or takes too long
 */
export async function waitUntilAuthorized(session: AcmeSession, authorization: Authorization): Promise<void> {
  const { url, orderedName } = authorization;
  const object = await pollUntil(
    () => session.post<AuthorizationObject>({ url }, `The authorization of ${orderedName}`),
    ({ status }) => status !== 'pending',
    { longestWait, signal: session.signal },
  );
  if (object?.status !== 'valid') {
    throw new AuthorizationFailure([{ ...authorization, object: object ?? authorization.object }]);
  }
}

/**
 * Gives up an authorization, so that it does not count against the CA's limit of pending ones (RFC 8555 section 7.5.2).
 */
export async function deactivateAuthorization(session: AcmeSession, url: string): Promise<void> {
  await session.post({ url }, 'The deactivation of an authorization', { status: 'deactivated' });
}

/** The failure of one or more authorizations: for each name, which challenge failed and what the CA says of it. */
export class AuthorizationFailure extends Failure {
  readonly failed: readonly Authorization[];

  constructor(failed: readonly Authorization[]) {
    const problems = failed.map(describeFailed);
    super(
      failed.length === 1
        ? `The CA could not validate ${failed[0]?.orderedName}`
        : `The CA could not validate ${failed.length} names`,
      problems.map(({ line }) => line).join('\n'),
      problemAdvice(problems[0]?.type ?? '', 403),
    );
    this.failed = failed;
  }
}

function describeFailed({ orderedName, object }: Authorization): { type: string; line: string } {
  const challenge = object.challenges.find(({ error }) => error !== undefined);
  const problem = parseProblem(challenge?.error);
  return problem === undefined
    ? { type: '', line: `${orderedName}: the authorization is ${object.status}, and the CA gives no reason` }
    : { type: problem.type, line: `${orderedName} (${challenge?.type}): ${describeProblem(problem)}` };
}
