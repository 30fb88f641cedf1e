import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf, Failure, messageOf } from '../failure.ts';
import type { ScriptRecord } from '../script/arguments.ts';
import type { ScriptCallSettings } from '../script/script.ts';

/** A record that was presented, or may have been, and was not cleaned up yet. */
export interface JournalEntry {
  number: number;
  record: ScriptRecord;
  /** The process of the last call for it, while no end of it is known. */
  processId: number | undefined;
}

type Line =
  | { event: 'opened'; script: ScriptCallSettings }
  | { event: 'presenting'; number: number; record: ScriptRecord }
  | { event: 'started'; number: number; processId: number }
  | { event: 'presented'; number: number }
  | { event: 'cleaned'; number: number };

/**
 * A file, one JSON line an event, from which the post step cleans up what a killed run left. An event is written before
 * the deed, so that a record is known even when the process ends while the script runs.
 */
export class Journal {
  readonly file: string;
  #count = 0;

  /** Opens a journal for the calls of one script; the file is made with the first record. */
  constructor(file: string, script: ScriptCallSettings) {
    this.file = file;
    this.#script = script;
  }
  readonly #script: ScriptCallSettings;

  /**
   * Notes that a record is about to be presented.
   *
   * @returns the number by which later events name the record
   * @throws Failure when the journal cannot be written; nothing may be presented then
   */
  presenting(record: ScriptRecord): number {
    const number = this.#count + 1;
    try {
      if (number === 1) {
        mkdirSync(path.dirname(this.file), { recursive: true, mode: 0o700 });
        writeFileSync(this.file, asLine({ event: 'opened', script: this.#script }), { mode: 0o600 });
      }
      this.#append({ event: 'presenting', number, record });
    } catch (error) {
      throw new Failure(
        'The journal cannot be written',
        `${record.orderedName}: the journal of presented records, ${this.file}, cannot be written: ${messageOf(error)}`,
        'Nothing more is presented, as it could not be cleaned up after a crash. Check the disk of the runner.',
        error,
      );
    }
    // Only now: when the first event cannot be written, the next one still begins the file.
    this.#count = number;
    return number;
  }

  /** Notes the process of a call, so that the post step can end one that outlived the run. */
  started(number: number, processId: number): void {
    this.#append({ event: 'started', number, processId });
  }

  /** Notes that the `present` call has ended. */
  presented(number: number): void {
    this.#append({ event: 'presented', number });
  }

  /** Notes that a record was cleaned up. */
  cleaned(number: number): void {
    this.#append({ event: 'cleaned', number });
  }

  /** Removes the file; for when nothing is left to clean up. */
  close(): void {
    rmSync(this.file, { force: true });
    // What is presented after this begins a new file.
    this.#count = 0;
  }

  /** A journal that goes on where the file ends. */
  static resume(file: string, script: ScriptCallSettings, lastNumber: number): Journal {
    const journal = new Journal(file, script);
    journal.#count = lastNumber;
    return journal;
  }

  #append(line: Line): void {
    appendFileSync(this.file, asLine(line), { mode: 0o600 });
  }
}

/**
 * Reads a journal back.
 *
 * @returns undefined when there is no such file: nothing was presented, or all was cleaned up
 * @throws Failure when the file cannot be read
 */
export function readJournal(
  file: string,
): { script: ScriptCallSettings; left: JournalEntry[]; journal: Journal } | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return undefined;
    }
    throw new Failure(
      'The journal cannot be read',
      `The journal of presented records, ${file}, cannot be read: ${messageOf(error)}`,
      'Look for _acme-challenge TXT records that this run left, and remove them by hand.',
      error,
    );
  }
  let script: ScriptCallSettings | undefined;
  const entries = new Map<number, JournalEntry>();
  for (const line of text.split('\n')) {
    const event = parseLine(line);
    switch (event?.event) {
      case 'opened':
        script = event.script;
        break;
      case 'presenting':
        entries.set(event.number, { number: event.number, record: event.record, processId: undefined });
        break;
      case 'started':
        setProcess(entries.get(event.number), event.processId);
        break;
      case 'presented':
        setProcess(entries.get(event.number), undefined);
        break;
      case 'cleaned':
        entries.delete(event.number);
        break;
    }
  }
  if (script === undefined) {
    return undefined;
  }
  const left = [...entries.values()];
  return { script, left, journal: Journal.resume(file, script, left.at(-1)?.number ?? 1) };
}

function setProcess(entry: JournalEntry | undefined, processId: number | undefined): void {
  if (entry !== undefined) {
    entry.processId = processId;
  }
}

function asLine(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

/** A last line that a kill cut short describes a deed that did not begin: it is skipped. */
function parseLine(line: string): Line | undefined {
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}
