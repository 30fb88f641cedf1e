/** Where a run tells what it does. The entry files give one that speaks to the runner; tests give one that records. */
export interface Log {
  /** Shown only when debug logging is on. */
  debug(message: string): void;
  info(message: string): void;
  /** A line that a script wrote while it worked for `name`. */
  scriptLine(name: string, line: string): void;
  /** An annotation with a title. */
  notice(title: string, message: string): void;
  /** An annotation with a title. */
  warning(title: string, message: string): void;
}
