import type { Problems } from './problem.ts';

/** One of a list of words; the first is the default. */
export function parseChoice<T extends string>(
  input: string,
  text: string,
  choices: readonly [T, ...T[]],
  problems: Problems,
): T {
  const choice = text === '' ? choices[0] : choices.find((word) => word === text.toLowerCase());
  if (choice === undefined) {
    problems.add(input, text, `is not one of: ${choices.join(', ')}.`);
  }
  return choice ?? choices[0];
}
