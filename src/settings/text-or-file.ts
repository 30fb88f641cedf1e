import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../failure.ts';
import type { Problems } from './problem.ts';

/** An input that is text itself or the path of a file with it. */
export interface TextOrFile {
  text: string;
  /** What may be shown of it: the path, never the text. */
  shown: string;
}

/**
 * Reads an input that holds PEM text or names a file.
 *
 * @param isText tells text from a path
 * @returns undefined when it is empty or cannot be read; why is added to the problems
 */
export function readTextOrFile(
  input: string,
  given: string,
  workspace: string,
  isText: (given: string) => boolean,
  problems: Problems,
): TextOrFile | undefined {
  if (given === '') {
    return undefined;
  }
  if (isText(given)) {
    return { text: given, shown: '(text)' };
  }
  const octets = readOctets(input, given, workspace, problems);
  return octets === undefined ? undefined : { text: octets.toString('latin1'), shown: given };
}

/** The octets of a file that an input names, of 1 MiB at most. */
export function readOctets(
  input: string,
  given: string,
  workspace: string,
  problems: Problems,
): Buffer | undefined {
  const file = path.resolve(workspace, given);
  try {
    const found = statSync(file);
    if (!found.isFile() || found.size > 1_048_576) {
      problems.add(input, given, found.isFile() ? 'is larger than 1 MiB.' : 'is a folder; name a file.');
      return undefined;
    }
    return readFileSync(file);
  } catch (error) {
    const missing =
      codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR' || codeOf(error) === 'ENAMETOOLONG';
    // A secret that was put here in the wrong form must not be shown.
    const shown = given.includes('\n') || given.length > 200 ? '(not shown)' : given;
    problems.add(
      input,
      shown,
      missing ? 'is neither PEM text nor a file that exists.' : `cannot be read (${codeOf(error)}).`,
    );
    return undefined;
  }
}
