import { type Authorization, waitUntilAuthorized } from '../acme/authorization.ts';
import { answerChallenge, type DnsChallenge } from '../acme/challenge.ts';
import type { AcmeSession } from '../acme/session.ts';
import { type LocatedRecord, type PropagationPlan, waitForPropagation } from '../dns/propagation.ts';
import { NameServer } from '../dns/query.ts';
import { locateRecord, type RecordLocation } from '../dns/record-location.ts';
import { ZoneFinder } from '../dns/zone.ts';
import { Journal } from '../journal/journal.ts';
import { type CleanUpResult, PresentedRecords } from '../journal/presented-records.ts';
import type { Log } from '../log.ts';
import { delay, inParallel } from '../parallel.ts';
import type { ScriptRecord } from '../script/arguments.ts';
import { DnsScript } from '../script/script.ts';
import type { ScriptSettings } from '../settings/script.ts';
import type { PropagationSettings } from '../settings/settings.ts';
import type { Timeline } from '../timeline.ts';
import { effectiveTimes } from './times.ts';

/** What surrounds a run. */
export interface SolverSurroundings {
  /** The environment of the process, from which the script's is made. */
  environment: NodeJS.ProcessEnv;
  journalFile: string;
  log: Log;
  timeline: Timeline;
  /** Aborted when the run is cancelled. */
  signal: AbortSignal;
}

/** A challenge with the record that answers it. */
interface Proof {
  challenge: DnsChallenge;
  record: ScriptRecord;
  located: RecordLocation;
}

interface Tools {
  records: PresentedRecords;
  plan: PropagationPlan;
}

/** Zones looked up, and challenges answered, side by side. */
const sideBySide = 32;

/**
 * Answers dns-01 challenges with the repository's script: presents the records, waits until they are seen, tells the CA,
 * and cleans up.
 */
export class DnsSolver {
  readonly #settings: ScriptSettings;
  readonly #propagation: PropagationSettings;
  readonly #surroundings: SolverSurroundings;
  readonly #finder: ZoneFinder;
  readonly #locations = new Map<string, Promise<RecordLocation>>();
  #tools: Promise<Tools> | undefined;

  constructor(settings: ScriptSettings, propagation: PropagationSettings, surroundings: SolverSurroundings) {
    this.#settings = settings;
    this.#propagation = propagation;
    this.#surroundings = surroundings;
    this.#finder = new ZoneFinder(new NameServer(propagation.resolvers), surroundings.log);
  }

  /**
   * Starts what can be done before the challenges are known: the script is asked for its times, the records' places
   * are looked up.
   */
  prepare(domains: readonly string[]): void {
    void this.#prepareTools().catch(() => undefined);
    void inParallel(sideBySide, domains, (domain) => this.#locate(domain.replace(/^\*\./, ''))).catch(
      () => undefined,
    );
  }

  /**
   * Presents all challenges, waits once for all, and answers them together; or one after the other where the settings
   * ask for it or the script overwrites one record's values. The last ones answered are still under way at the CA when
   * this returns.
   *
   * @throws Failure when a script fails, a record does not appear, or an authorization fails
   */
  async solve(session: AcmeSession, challenges: readonly DnsChallenge[]): Promise<void> {
    const { sequenceInterval } = this.#settings;
    const proofs = await inParallel(sideBySide, challenges, (challenge) => this.#proofOf(challenge));
    if (sequenceInterval === undefined) {
      await this.#solveTogether(session, proofs);
      return;
    }
    for (const [index, proof] of proofs.entries()) {
      const isLast = index === proofs.length - 1;
      await this.#solveTogether(session, [proof]);
      if (!isLast) {
        await this.#finish(session, [proof]);
        await delay(sequenceInterval * 1000, this.#surroundings.signal);
      }
    }
  }

  /** Cleans up every record that is still presented. Never throws; `signal` ends it. */
  async cleanUp(signal: AbortSignal): Promise<CleanUpResult> {
    const tools = await this.#tools?.catch(() => undefined);
    if (tools === undefined) {
      return { cleaned: [], left: [] };
    }
    return await this.#surroundings.timeline.measure('DNS', 'Clean up', () =>
      tools.records.cleanUp(this.#settings.concurrency, signal),
    );
  }

  /** Ends what is still asked of name servers. */
  close(): void {
    this.#finder.close();
  }

  async #solveTogether(session: AcmeSession, proofs: readonly Proof[]): Promise<void> {
    const { timeline, signal, log } = this.#surroundings;
    const { records, plan } = await this.#prepareTools();
    await timeline.measure('DNS', 'Present', () =>
      records.present(
        proofs.map(({ record }) => record),
        this.#settings.concurrency,
        signal,
      ),
    );
    const overwritten = await timeline.measure('DNS', 'Propagation', async () => {
      const located = expectations(proofs);
      await waitForPropagation(located, plan, log, signal);
      await delay(this.#propagation.delay * 1000, signal);
      return new Set(located.flatMap(({ record }) => record.overwritten));
    });
    const replaced = proofs.filter(({ challenge }) => overwritten.has(challenge.value));
    const standing = proofs.filter(({ challenge }) => !overwritten.has(challenge.value));
    await timeline.measure('CA', 'Answer challenges', () =>
      inParallel(sideBySide, standing, ({ challenge }) => answerChallenge(session, challenge)),
    );
    if (replaced.length > 0) {
      const names = new Set(replaced.map(({ record }) => record.fqdn));
      log.notice(
        'The script overwrites the values of a record',
        `Only the last value stands at ${[...names].join(', ')}; the values are set one after the other. Let the script add a value instead of replacing the record: it is faster, and other clients may need theirs.`,
      );
      await this.#finish(
        session,
        standing.filter(({ record }) => names.has(record.fqdn)),
      );
      await this.#solveTogether(session, replaced);
    }
  }

  /** Waits for the CA's verdict on some challenges and removes their records, to make room for the next. */
  async #finish(session: AcmeSession, proofs: readonly Proof[]): Promise<void> {
    const { timeline, signal } = this.#surroundings;
    await timeline.measure('CA', 'Validate', () =>
      inParallel(sideBySide, proofs, ({ challenge }) =>
        waitUntilAuthorized(session, challenge.authorization),
      ),
    );
    const { records } = await this.#prepareTools();
    await records.cleanUp(
      this.#settings.concurrency,
      signal,
      proofs.map(({ record }) => record),
    );
  }

  async #proofOf(challenge: DnsChallenge): Promise<Proof> {
    const { authorization, token, keyAuthorization, value } = challenge;
    const domain = identifierOf(authorization);
    const located = await this.#locate(domain);
    const record: ScriptRecord = {
      fqdn: `${located.name}.`,
      value,
      domain,
      token,
      keyAuthorization,
      orderedName: authorization.orderedName,
      zone: located.zone?.name,
    };
    return { challenge, record, located };
  }

  #locate(domain: string): Promise<RecordLocation> {
    const known = this.#locations.get(domain);
    if (known !== undefined) {
      return known;
    }
    const location = locateRecord(`_acme-challenge.${domain}`, this.#finder);
    this.#locations.set(domain, location);
    return location;
  }

  #prepareTools(): Promise<Tools> {
    this.#tools ??= this.#makeTools();
    return this.#tools;
  }

  async #makeTools(): Promise<Tools> {
    const { environment, journalFile, log, signal } = this.#surroundings;
    const { times, protocol } = await effectiveTimes(this.#settings, environment, log, signal);
    const { program, workspace, timeLimit, environment: own } = this.#settings;
    const script = new DnsScript(
      { program, workspace, timeLimit, environment: own, protocol },
      environment,
      log,
    );
    const journal = new Journal(journalFile, script.settings);
    return {
      records: new PresentedRecords(script, journal, log),
      plan: { ...times, check: this.#propagation.check, resolvers: this.#finder.resolvers },
    };
  }
}

function identifierOf({ object }: Authorization): string {
  return object.identifier.value.toLowerCase().replace(/^\*\./, '');
}

/** One expectation a record name, with all values that must stand there, in the order of their presentation. */
function expectations(proofs: readonly Proof[]): LocatedRecord[] {
  const byName = new Map<string, LocatedRecord>();
  for (const { challenge, located } of proofs) {
    const known = byName.get(located.name);
    if (known === undefined) {
      const record = { name: located.name, values: [challenge.value], overwritten: [] };
      byName.set(located.name, { record, location: located });
    } else {
      known.record.values.push(challenge.value);
    }
  }
  return [...byName.values()];
}
