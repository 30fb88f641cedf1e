/**
 * An error that a user meets: what happened and to which name in `message`, what to do next in `advice`.
 * Anything else that is thrown is a fault of this action and is reported as one.
 */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly title: string;
  readonly advice: string;

  constructor(title: string, message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.title = title;
    this.advice = advice;
  }
}

/** The run was cancelled by a signal; what was presented is still to be cleaned up. */
export class Cancelled extends Failure {
  constructor(signalName: string) {
    super(
      'Cancelled',
      `The run was cancelled (${signalName}).`,
      'Records that could not be cleaned up in time are cleaned up by the post step.',
    );
  }
}

/** The message of anything thrown, for a sentence that continues with it. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** The `code` of a system error (`ENOENT`, `ECONNREFUSED`), else an empty string. */
export function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error) {
    return String(error.code);
  }
  return '';
}

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

/** The text in double quotes, with control characters escaped so that they can be seen. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}
