import type { Problems } from './problem.ts';

/** A number that an input or variable gives, within bounds. */
export interface NumberRule {
  minimum: number;
  maximum: number;
  /** Only whole numbers are right. */
  whole: boolean;
  /** What the number counts, for the message: `seconds`, `calls`. */
  unit: string;
}

/** The number in `text`, or undefined when the text is empty or wrong; what is wrong is added to the problems. */
export function parseNumber(
  input: string,
  text: string,
  rule: NumberRule,
  problems: Problems,
): number | undefined {
  if (text === '') {
    return undefined;
  }
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  const right = value >= rule.minimum && value <= rule.maximum && (!rule.whole || Number.isInteger(value));
  if (right) {
    return value;
  }
  const kind = rule.whole ? 'a whole number' : 'a number';
  problems.add(
    input,
    text,
    `is not ${kind} of ${rule.unit} from ${rule.minimum} to ${rule.maximum}; give one, or leave it empty.`,
  );
  return undefined;
}

/** `true` or `false` in the spellings of YAML 1.2, as action inputs are read; empty takes the default. */
export function parseSwitch(input: string, text: string, preset: boolean, problems: Problems): boolean {
  if (text === '') {
    return preset;
  }
  if (/^(?:true|True|TRUE)$/.test(text)) {
    return true;
  }
  if (/^(?:false|False|FALSE)$/.test(text)) {
    return false;
  }
  problems.add(input, text, 'is neither true nor false.');
  return preset;
}
