import { Failure, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import { inParallel } from '../parallel.ts';
import type { ScriptRecord } from '../script/arguments.ts';
import { isTreeAlive, signalTree } from '../script/process-tree.ts';
import type { DnsScript } from '../script/script.ts';
import type { Journal, JournalEntry } from './journal.ts';

/** What a clean-up achieved. */
export interface CleanUpResult {
  cleaned: ScriptRecord[];
  left: ScriptRecord[];
}

/**
 * The records that a run has presented and not yet cleaned up. Every one is in the journal before the script is called,
 * and leaves it only when the script has removed it.
 */
export class PresentedRecords {
  readonly #script: DnsScript;
  readonly #journal: Journal;
  readonly #log: Log;
  readonly #open = new Map<ScriptRecord, number>();

  /** @param left what an earlier process left, when this one only cleans up */
  constructor(script: DnsScript, journal: Journal, log: Log, left: readonly JournalEntry[] = []) {
    this.#script = script;
    this.#journal = journal;
    this.#log = log;
    for (const { record, number } of left) {
      this.#open.set(record, number);
    }
  }

  /** Whether nothing is left to clean up. */
  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /**
   * Presents records, at most `concurrency` calls at a time and never two at once for one record name.
   *
   * @throws Failure of the first script that failed; that record stays to be cleaned up, as it may stand
   */
  async present(records: readonly ScriptRecord[], concurrency: number, signal: AbortSignal): Promise<void> {
    await inParallel(concurrency, lanes(records, concurrency), async (lane) => {
      for (const record of lane) {
        signal.throwIfAborted();
        const number = this.#open.get(record) ?? this.#journal.presenting(record);
        this.#open.set(record, number);
        await this.#script.call('present', record, {
          signal,
          onStart: (processId) => this.#note(() => this.#journal.started(number, processId)),
        });
        this.#note(() => this.#journal.presented(number));
      }
    });
  }

  /**
   * Cleans up records (all that are open, unless given). A script that fails is called once more; what then still
   * stands is told as a warning and stays in the journal for the post step. Never throws.
   *
   * @param signal ends the clean-up; what was not reached stays in the journal
   */
  async cleanUp(
    concurrency: number,
    signal: AbortSignal,
    records: readonly ScriptRecord[] = [...this.#open.keys()],
  ): Promise<CleanUpResult> {
    const result: CleanUpResult = { cleaned: [], left: [] };
    const open = records.filter((record) => this.#open.has(record));
    await inParallel(concurrency, lanes(open, concurrency), async (lane) => {
      for (const record of lane) {
        (await this.#cleanUpOne(record, signal)) ? result.cleaned.push(record) : result.left.push(record);
      }
    });
    if (this.#open.size === 0) {
      this.#note(() => this.#journal.close());
    }
    return result;
  }

  async #cleanUpOne(record: ScriptRecord, signal: AbortSignal): Promise<boolean> {
    const number = this.#open.get(record) as number;
    const onStart = (processId: number): void => this.#note(() => this.#journal.started(number, processId));
    const attempt = async (): Promise<Failure | undefined> => {
      try {
        signal.throwIfAborted();
        await this.#script.call('cleanup', record, { signal, onStart });
        return undefined;
      } catch (error) {
        return error instanceof Failure ? error : new Failure('Clean-up failed', messageOf(error), '');
      }
    };
    let failure = await attempt();
    if (failure !== undefined && !signal.aborted) {
      this.#log.info(`${record.orderedName}: the clean-up failed and is tried once more.`);
      failure = await attempt();
    }
    if (failure === undefined) {
      this.#open.delete(record);
      this.#note(() => this.#journal.cleaned(number));
      return true;
    }
    if (!signal.aborted) {
      this.#log.warning(
        `A TXT record was left for ${record.orderedName}`,
        `${failure.message}\nRemove the TXT record ${record.fqdn} with the value ${record.value} by hand if the post step cannot.`,
      );
    }
    return false;
  }

  /** Keeps a note in the journal; one that fails costs a second clean-up, never the run. */
  #note(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#log.debug(`The journal could not be written: ${messageOf(error)}`);
    }
  }
}

/**
 * Ends calls that outlived the run that started them, so that none sets its record after the clean-up.
 *
 * @param commandOf the command line of a process, or undefined when it has ended; it tells a call from a process that
 *   got the same id later
 */
export function endLeftCalls(
  entries: readonly JournalEntry[],
  commandOf: (processId: number) => string | undefined,
): number {
  const alive = entries.filter(({ processId, record }) => {
    if (processId === undefined || !isTreeAlive(processId)) {
      return false;
    }
    const command = commandOf(processId) ?? '';
    return command.includes(record.value) || command.includes(record.keyAuthorization);
  });
  for (const { processId } of alive) {
    signalTree(processId as number, 'SIGKILL');
  }
  return alive.length;
}

/** Groups records by name, as calls for one name never run at once. A single lane keeps the order given. */
function lanes(records: readonly ScriptRecord[], concurrency: number): ScriptRecord[][] {
  if (concurrency === 1) {
    return [[...records]];
  }
  const groups = new Map<string, ScriptRecord[]>();
  for (const record of records) {
    const group = groups.get(record.fqdn);
    if (group === undefined) {
      groups.set(record.fqdn, [record]);
    } else {
      group.push(record);
    }
  }
  return [...groups.values()];
}
