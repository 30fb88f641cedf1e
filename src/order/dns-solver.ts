import { jwkThumbprint } from '../acme/account.ts';
import { type Authorization, type AuthorizationFailure, waitUntilAuthorized } from '../acme/authorization.ts';
import { answerChallenge, dnsChallenge } from '../acme/challenge.ts';
import type { AcmeSession } from '../acme/session.ts';
import { warnAboutCaa } from '../dns/caa.ts';
import { rememberedFor } from '../dns/cached-values.ts';
import { describeNow } from '../dns/explanation.ts';
import { type PropagationPlan, waitForPropagation } from '../dns/propagation.ts';
import { NameServer } from '../dns/query.ts';
import { RecordLocator } from '../dns/record-location.ts';
import { ZoneFinder } from '../dns/zone.ts';
import { Failure } from '../failure.ts';
import { Journal } from '../journal/journal.ts';
import { PresentedRecords } from '../journal/presented-records.ts';
import { delay, inParallel } from '../parallel.ts';
import { DnsScript } from '../script/script.ts';
import type { ScriptSettings } from '../settings/script.ts';
import type { PropagationSettings } from '../settings/settings.ts';
import { expectations, identifierOf, type Proof, proofOf } from './proofs.ts';
import type { Solver } from './solver.ts';
import type { SolverSurroundings } from './surroundings.ts';
import { effectiveTimes } from './times.ts';

interface Tools {
  records: PresentedRecords;
  plan: PropagationPlan;
}

/** Zones looked up, and challenges answered, side by side. */
const sideBySide = 32;
/** Names that a message explains. */
const mostExplained = 10;

/**
 * Answers dns-01 challenges with the repository's script: presents the records, waits until they are seen, tells the CA,
 * and cleans up.
 */
export class DnsSolver implements Solver {
  readonly #settings: ScriptSettings;
  readonly #propagation: PropagationSettings;
  readonly #surroundings: SolverSurroundings;
  readonly #finder: ZoneFinder;
  readonly #locator: RecordLocator;
  #tools: Promise<Tools> | undefined;
  #proofs: readonly Proof[] = [];

  constructor(settings: ScriptSettings, propagation: PropagationSettings, surroundings: SolverSurroundings) {
    this.#settings = settings;
    this.#propagation = propagation;
    this.#surroundings = surroundings;
    this.#finder = new ZoneFinder(new NameServer(propagation.resolvers), surroundings.log);
    this.#locator = new RecordLocator(this.#finder);
  }

  /**
   * Starts what can be done before the challenges are known: the script is asked for its times, the records' places
   * are looked up, and CAA records that forbid this CA are told.
   *
   * @param caaIdentities the CA's names in CAA records
   */
  prepare(domains: readonly string[], caaIdentities: readonly string[]): void {
    void this.#prepareTools().catch(() => undefined);
    void inParallel(sideBySide, domains, (domain) => this.#locator.locate(domain.replace(/^\*\./, ''))).catch(
      () => undefined,
    );
    if (caaIdentities.length > 0) {
      void warnAboutCaa(domains, caaIdentities, this.#finder.resolvers, this.#surroundings.log);
    }
  }

  /**
   * Presents all challenges, waits once for all, and answers them together; or one after the other where the settings
   * ask for it or the script overwrites one record's values. The last ones answered are still under way at the CA when
   * this returns.
   *
   * @throws Failure when a script fails, a record does not appear, or an authorization fails
   */
  async solve(session: AcmeSession, authorizations: readonly Authorization[]): Promise<void> {
    const { sequenceInterval } = this.#settings;
    const thumbprint = jwkThumbprint(session.accountJwk);
    const challenges = authorizations.map((authorization) => dnsChallenge(authorization, thumbprint));
    const proofs = await inParallel(sideBySide, challenges, (challenge) => proofOf(challenge, this.#locator));
    this.#proofs = proofs;
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
  async cleanUp(signal: AbortSignal): Promise<void> {
    const tools = await this.#tools?.catch(() => undefined);
    if (tools === undefined || tools.records.isEmpty) {
      return;
    }
    await this.#surroundings.timeline.measure('DNS', 'Clean up', () =>
      tools.records.cleanUp(this.#settings.concurrency, signal),
    );
  }

  /** The failure with what the authoritative servers say of its names now, while the records still stand. */
  async explain(failure: AuthorizationFailure): Promise<Failure> {
    const explanations = await inParallel(
      sideBySide,
      failure.failed.slice(0, mostExplained),
      async (authorization) => {
        const location = await this.#locator.locate(identifierOf(authorization)).catch(() => undefined);
        const proof = this.#proofs.find(({ challenge }) => challenge.authorization.url === authorization.url);
        return location === undefined || proof === undefined
          ? []
          : [await describeNow(location, proof.challenge.value, this.#finder.resolvers)];
      },
    );
    const text = explanations.flat().join('\n');
    return text === ''
      ? failure
      : new Failure(failure.title, `${failure.message}\n${text}`, failure.advice, failure);
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
      const replacing = standing.filter(({ record }) => names.has(record.fqdn));
      const remembered = rememberedFor(
        replacing.map(({ location }) => location),
        this.#finder.resolvers,
      );
      await this.#finish(session, replacing);
      // The CA's resolvers would answer with the value that they have just seen.
      await timeline.measure('DNS', 'Old values forgotten', async () =>
        delay((await remembered) * 1000, signal),
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
