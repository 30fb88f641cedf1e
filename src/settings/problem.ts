import { Failure, quoted } from '../failure.ts';

/** Something wrong with an input, found before any request is sent. */
export interface Problem {
  /** The input or variable, as the user writes it. */
  input: string;
  /** What was read, shortened; never a secret. Empty when nothing was given. */
  read: string;
  /** What is wrong, and what would be right. */
  right: string;
}

/** Collects problems, so that all of them are reported together. */
export class Problems {
  readonly found: Problem[] = [];

  add(input: string, read: string, right: string): void {
    this.found.push({ input, read: shortened(read), right });
  }
}

/** One line a problem: the input, what was read, what is right. */
export function describeProblems(problems: readonly Problem[]): string {
  const lines = problems.map(({ input, read, right }) =>
    read === '' ? `${input}: ${right}` : `${input}: ${quoted(read)} ${right}`,
  );
  return lines.length === 1 ? (lines[0] ?? '') : lines.map((line) => `- ${line}`).join('\n');
}

/** All problems as one failure. */
export function inputFailure(problems: readonly Problem[]): Failure {
  return new Failure(
    problems.length === 1 ? 'An input is wrong' : `${problems.length} inputs are wrong`,
    describeProblems(problems),
    'Nothing was ordered. Mend the inputs and run again.',
  );
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 100)}… (${text.length} characters)` : text;
}
