import { inParallel } from '../parallel.ts';
import type { Answer, NameServer } from './query.ts';

/** A TXT record name that is waited for. */
export interface ExpectedRecord {
  /** Without a final dot. */
  name: string;
  /** The values that must stand side by side, in the order in which they were presented. */
  values: string[];
  /** Values that a later one has replaced: the script overwrites instead of adding. They are no longer waited for. */
  overwritten: string[];
}

/** The time between two checks. */
export interface CheckPace {
  /** Milliseconds. */
  interval: number;
  /** Whether the first checks may come sooner, as nobody has set an interval. */
  eager: boolean;
}

/** Who is asked, for messages. */
export interface ServerLabel {
  host: string;
  address: string;
}

/** Questions under way at one server at a time. */
const questionsAtOnce = 32;
const firstPause = 100;
/** How long a value must be seen replaced before the script is judged by it, in milliseconds. */
const overwriteProof = 1000;

/** Asks one server again and again until it answers with all values of all records. */
export class ServerWatch {
  readonly label: ServerLabel;
  /** What the server answered last, by record. */
  readonly lastAnswers = new Map<ExpectedRecord, Answer<string>>();
  /** Whether any question was answered at all, be it with NXDOMAIN. */
  usable = false;
  readonly #server: NameServer;
  readonly #missing: Set<ExpectedRecord>;
  readonly #replacedSince = new Map<ExpectedRecord, number>();

  constructor(label: ServerLabel, server: NameServer, records: readonly ExpectedRecord[]) {
    this.label = label;
    this.#server = server;
    this.#missing = new Set(records);
  }

  /** The records that this server does not show yet. */
  get missing(): ExpectedRecord[] {
    return [...this.#missing];
  }

  /** Resolves when the server shows everything, or when the signal is aborted. */
  async run(pace: CheckPace, signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#server.cancel();
    signal.addEventListener('abort', stop, { once: true });
    let pause = pace.eager ? Math.min(firstPause, pace.interval) : pace.interval;
    while (!signal.aborted) {
      await inParallel(questionsAtOnce, [...this.#missing], async (record) => {
        this.#note(record, await this.#server.txt(record.name), signal);
      });
      if (this.#missing.size === 0 || signal.aborted) {
        break;
      }
      await pauseFor(pause, signal);
      pause = Math.min(pause * 2, pace.interval);
    }
    signal.removeEventListener('abort', stop);
  }

  #note(record: ExpectedRecord, answer: Answer<string>, signal: AbortSignal): void {
    if (signal.aborted) {
      return;
    }
    this.lastAnswers.set(record, answer);
    this.usable ||= answer.kind !== 'failed';
    const shown = answer.kind === 'values' ? answer.values : [];
    const replaced = replacedValues(record, shown);
    if (replaced.length === 0) {
      this.#replacedSince.delete(record);
    } else if (performance.now() - this.#firstReplaced(record) >= overwriteProof) {
      record.overwritten.push(...replaced);
      record.values = record.values.filter((value) => !replaced.includes(value));
    }
    if (record.values.every((value) => shown.includes(value))) {
      this.#missing.delete(record);
    }
  }

  #firstReplaced(record: ExpectedRecord): number {
    const since = this.#replacedSince.get(record) ?? performance.now();
    this.#replacedSince.set(record, since);
    return since;
  }
}

/** Values that are gone although one that was presented later is there. */
function replacedValues(record: ExpectedRecord, shown: readonly string[]): string[] {
  const latest = record.values.findLastIndex((value) => shown.includes(value));
  return record.values.slice(0, Math.max(latest, 0)).filter((value) => !shown.includes(value));
}

function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
