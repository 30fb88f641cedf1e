import { Failure, messageOf } from '../failure.ts';

/** Anything thrown as a failure that can be shown to a user. */
export function asFailure(error: unknown): Failure {
  if (error instanceof Failure) {
    return error;
  }
  return new Failure(
    'Unexpected fault',
    `acme-exec failed in a way it should not: ${messageOf(error)}`,
    'Please report it, with the log of a run with debug logging on.',
    error,
  );
}

/** The text of the annotation: what happened, then what to do next. */
export function describeFailure(failure: Failure): string {
  return failure.advice === '' ? failure.message : `${failure.message}\n→ ${failure.advice}`;
}

/** The stack of an error and of what caused it, for debug logging. */
export function describeStack(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const cause = error.cause === undefined ? '' : `\nCaused by: ${describeStack(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}
