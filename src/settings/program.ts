import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../failure.ts';
import type { Problems } from './problem.ts';

/** Where programs are looked for. */
export interface ProgramPlaces {
  workspace: string;
  /** The `PATH` of the step. */
  searchPath: string;
  platform: NodeJS.Platform;
}

/**
 * The absolute path of a program of the repository, or undefined when it cannot be run; why is added to the problems.
 * With a slash the path is relative to the workspace; without, the workspace is searched first, then `PATH`.
 *
 * @param input the input or variable that names the program
 */
export function findProgram(
  input: string,
  written: string,
  places: ProgramPlaces,
  problems: Problems,
): string | undefined {
  const candidates = programCandidates(written, places);
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) {
    const searched = /[/\\]/.test(written)
      ? `at ${candidates[0]}`
      : `in the workspace ${places.workspace} or on PATH`;
    problems.add(
      input,
      written,
      `is not there: nothing ${searched}. Check the spelling, and that a step before this one runs actions/checkout.`,
    );
    return undefined;
  }
  const fault = programFault(found, written, places.platform);
  if (fault !== undefined) {
    problems.add(input, written, fault);
    return undefined;
  }
  return found;
}

function programCandidates(written: string, { workspace, searchPath, platform }: ProgramPlaces): string[] {
  const inWorkspace = path.resolve(workspace, written);
  if (written.includes('/') || (platform === 'win32' && written.includes('\\'))) {
    return [inWorkspace];
  }
  const onPath = searchPath
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, written))
    .filter((candidate) => isRunnableFile(candidate));
  return [inWorkspace, ...onPath];
}

function isRunnableFile(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function programFault(file: string, written: string, platform: NodeJS.Platform): string | undefined {
  if (statSync(file).isDirectory()) {
    return 'is a folder; name the program in it.';
  }
  if (platform === 'win32') {
    return undefined;
  }
  try {
    accessSync(file, constants.X_OK);
  } catch {
    const inRepository = written.startsWith('./') ? written.slice(2) : written;
    return `has no run bit. Mend it with: git update-index --chmod=+x "${inRepository}" (and chmod +x for this checkout), then commit.`;
  }
  return interpreterFault(file);
}

/** The faults of a first line that the kernel reports only as "no such file". */
function interpreterFault(file: string): string | undefined {
  let firstLine: string;
  try {
    firstLine = readStart(file, 256).split('\n')[0] ?? '';
  } catch (error) {
    // A program may be run without being readable.
    return codeOf(error) === 'EACCES' ? undefined : `cannot be read (${codeOf(error)}).`;
  }
  if (!firstLine.startsWith('#!')) {
    return undefined;
  }
  if (firstLine.endsWith('\r')) {
    return 'has Windows line endings, so its interpreter is not found. Mend it with: sed -i "s/\\r$//", and keep it so with a line "*.sh text eol=lf" in .gitattributes.';
  }
  const interpreter = firstLine.slice(2).trim().split(/\s+/)[0] ?? '';
  if (!existsSync(interpreter)) {
    return `names the interpreter ${interpreter} in its first line, which this machine does not have.`;
  }
  return undefined;
}

function readStart(file: string, octets: number): string {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(octets);
    return buffer.toString('latin1', 0, readSync(handle, buffer, 0, octets, 0));
  } finally {
    closeSync(handle);
  }
}
