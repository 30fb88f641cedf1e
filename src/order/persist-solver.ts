import type { Authorization, AuthorizationFailure } from '../acme/authorization.ts';
import { answerChallenge } from '../acme/challenge.ts';
import { type PersistentChallenge, persistentChallenge } from '../acme/persistent-challenge.ts';
import type { AcmeSession } from '../acme/session.ts';
import { warnAboutCaa } from '../dns/caa.ts';
import { describeNow } from '../dns/explanation.ts';
import { isPersistentProof, type PersistentProof, persistentValue } from '../dns/persistent-record.ts';
import { waitForPropagation } from '../dns/propagation.ts';
import { NameServer } from '../dns/query.ts';
import { type RecordLocation, RecordLocator } from '../dns/record-location.ts';
import { ZoneFinder } from '../dns/zone.ts';
import { Failure } from '../failure.ts';
import { inParallel } from '../parallel.ts';
import { DnsScript } from '../script/script.ts';
import type { ScriptSettings } from '../settings/script.ts';
import type { PropagationSettings } from '../settings/settings.ts';
import { identifierOf } from './proofs.ts';
import type { Solver } from './solver.ts';
import type { SolverSurroundings } from './surroundings.ts';
import { effectiveTimes } from './times.ts';

/** One standing record, and the challenges that it answers. */
interface StandingRecord {
  domain: string;
  location: RecordLocation;
  proof: PersistentProof;
  value: string;
}

const sideBySide = 32;
const label = '_validation-persist';

/**
 * Answers dns-persist-01 challenges: looks whether the standing record is there, has the script set it where it is not,
 * and never removes it.
 */
export class PersistSolver implements Solver {
  readonly #settings: ScriptSettings | undefined;
  readonly #propagation: PropagationSettings;
  readonly #surroundings: SolverSurroundings;
  readonly #finder: ZoneFinder;
  readonly #locator: RecordLocator;
  #records: readonly StandingRecord[] = [];

  constructor(
    settings: ScriptSettings | undefined,
    propagation: PropagationSettings,
    surroundings: SolverSurroundings,
  ) {
    this.#settings = settings;
    this.#propagation = propagation;
    this.#surroundings = surroundings;
    this.#finder = new ZoneFinder(new NameServer(propagation.resolvers), surroundings.log);
    this.#locator = new RecordLocator(this.#finder);
  }

  prepare(domains: readonly string[], caaIdentities: readonly string[]): void {
    if (caaIdentities.length > 0) {
      void warnAboutCaa(domains, caaIdentities, this.#finder.resolvers, this.#surroundings.log);
    }
  }

  /** @throws Failure that gives the exact records when they are missing and there is no script */
  async solve(session: AcmeSession, authorizations: readonly Authorization[]): Promise<void> {
    const challenges = authorizations.map((authorization) =>
      persistentChallenge(authorization, session.accountUrl ?? ''),
    );
    this.#records = await inParallel(sideBySide, [...groupByDomain(challenges)], ([domain, group]) =>
      this.#recordFor(domain, group),
    );
    const standing = await inParallel(sideBySide, this.#records, (record) => this.#stands(record));
    const missing = this.#records.filter((_, index) => !standing[index]);
    if (missing.length > 0) {
      await this.#set(missing);
    }
    await this.#surroundings.timeline.measure('CA', 'Answer challenges', () =>
      inParallel(sideBySide, challenges, (challenge) => answerChallenge(session, challenge)),
    );
  }

  async explain(failure: AuthorizationFailure): Promise<Failure> {
    const names = new Set(failure.failed.map(identifierOf));
    const records = this.#records.filter(({ domain }) => names.has(domain)).slice(0, 10);
    const lines = await inParallel(sideBySide, records, ({ location, value }) =>
      describeNow(location, value, this.#finder.resolvers),
    );
    const text = [failure.message, ...lines].join('\n');
    return new Failure(failure.title, text, failure.advice, failure);
  }

  /** The records are meant to stand. */
  async cleanUp(): Promise<void> {}

  close(): void {
    this.#finder.close();
  }

  async #recordFor(domain: string, challenges: readonly PersistentChallenge[]): Promise<StandingRecord> {
    const [first] = challenges as [PersistentChallenge];
    const proof = {
      issuers: first.issuers,
      accountUri: first.accountUri,
      wildcard: challenges.some(({ authorization }) => authorization.orderedName.startsWith('*.')),
    };
    const location = await this.#locator.locate(domain, label);
    return { domain, location, proof, value: persistentValue(proof) };
  }

  /** Whether every authoritative server that answers shows a record that proves it. */
  async #stands({ location, proof }: StandingRecord): Promise<boolean> {
    const servers = location.zone?.servers.map(({ ask }) => ask) ?? [];
    const asked = servers.length > 0 ? servers : [this.#finder.resolvers];
    const answers = await Promise.all(asked.map((server) => server.txt(location.name)));
    const usable = answers.filter(({ kind }) => kind !== 'failed');
    return (
      usable.length > 0 &&
      usable.every(
        (answer) =>
          answer.kind === 'values' &&
          answer.values.some((value) => isPersistentProof(value, proof, new Date())),
      )
    );
  }

  async #set(missing: readonly StandingRecord[]): Promise<void> {
    const { log, timeline, signal, environment } = this.#surroundings;
    const settings = this.#settings;
    if (settings === undefined) {
      throw recordsToCreate(missing);
    }
    log.notice(
      'The script sets standing records',
      `${missing.map(({ location, value }) => `${location.name}. TXT "${value}"`).join('\n')}\nThey stay: whoever has the account's key can get certificates for these names while they stand.`,
    );
    const { times, protocol } = await effectiveTimes(settings, environment, log, signal);
    const script = new DnsScript({ ...settings, protocol }, environment, log);
    await timeline.measure('DNS', 'Present', () =>
      inParallel(settings.concurrency, missing, ({ domain, location, value, proof }) =>
        script.call(
          'present',
          {
            fqdn: `${location.name}.`,
            value,
            domain,
            token: '',
            keyAuthorization: '',
            orderedName: proof.wildcard ? `*.${domain}` : domain,
            zone: location.zone?.name,
          },
          { signal },
        ),
      ),
    );
    const located = missing.map(({ location, value }) => ({
      location,
      record: { name: location.name, values: [value], overwritten: [] },
    }));
    await timeline.measure('DNS', 'Propagation', () =>
      waitForPropagation(
        located,
        { ...times, check: this.#propagation.check, resolvers: this.#finder.resolvers },
        log,
        signal,
      ),
    );
  }
}

function groupByDomain(challenges: readonly PersistentChallenge[]): Map<string, PersistentChallenge[]> {
  const groups = new Map<string, PersistentChallenge[]>();
  for (const challenge of challenges) {
    const domain = identifierOf(challenge.authorization);
    groups.set(domain, [...(groups.get(domain) ?? []), challenge]);
  }
  return groups;
}

function recordsToCreate(missing: readonly StandingRecord[]): Failure {
  return new Failure(
    'Standing records are missing',
    `These TXT records are missing, or end soon:\n${missing.map(({ location, value }) => `${location.name}. IN TXT "${value}"`).join('\n')}`,
    'Create them once by hand, or give exec-path of a script that sets them; then run again.',
  );
}
