import type { Authorization, AuthorizationFailure } from '../acme/authorization.ts';
import type { AcmeSession } from '../acme/session.ts';
import type { Failure } from '../failure.ts';

/** Proves control of names, by one kind of challenge. */
export interface Solver {
  /**
   * Starts what can be done before the authorizations are known.
   *
   * @param caaIdentities the CA's names in CAA records
   */
  prepare(domains: readonly string[], caaIdentities: readonly string[]): void;

  /**
   * Answers the challenges of pending authorizations. The last ones answered are still under way at the CA when this
   * returns.
   *
   * @throws Failure of what stopped it
   */
  solve(session: AcmeSession, authorizations: readonly Authorization[]): Promise<void>;

  /** The failure with what name servers say of its names now, while the records still stand. */
  explain(failure: AuthorizationFailure): Promise<Failure>;

  /** Removes what was set for this order alone. Never throws; `signal` ends it. */
  cleanUp(signal: AbortSignal): Promise<void>;

  /** Ends what is still asked of name servers. */
  close(): void;
}
