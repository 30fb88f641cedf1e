import { existsSync, readFileSync } from 'node:fs';
import { Failure } from '../failure.ts';

/** The version of the store's layout; a folder with a higher one is left alone. */
const layoutVersion = 1;

/** A note of the store as JSON that a review can read. */
export function asJson(record: object): string {
  return `${JSON.stringify({ version: layoutVersion, ...record }, undefined, 2)}\n`;
}

/**
 * Reads a note of the store.
 *
 * @returns the note, or what is wrong with it
 * @throws Failure when a newer version of this action wrote it
 */
export function readRecord<T>(
  file: string,
): { record: T; fault: undefined } | { record: undefined; fault: string } {
  if (!existsSync(file)) {
    return { record: undefined, fault: `${nameOf(file)} is missing` };
  }
  let record: ({ version?: unknown } & T) | null;
  try {
    record = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { record: undefined, fault: `${nameOf(file)} is damaged` };
  }
  if (typeof record?.version === 'number' && record.version > layoutVersion) {
    throw new Failure(
      'The store is from a newer version',
      `${file} has the version ${record.version}; this version of acme-exec knows ${layoutVersion}. Nothing was changed.`,
      'Use the newer version of the action, or another store folder.',
    );
  }
  if (record === null || typeof record !== 'object' || record.version !== layoutVersion) {
    return { record: undefined, fault: `${nameOf(file)} is damaged` };
  }
  return { record, fault: undefined };
}

function nameOf(file: string): string {
  return file.split(/[/\\]/).at(-1) ?? file;
}
