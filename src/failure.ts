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
