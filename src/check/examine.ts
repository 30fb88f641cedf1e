import { createHash, randomBytes } from 'node:crypto';
import { observe, type Sighting, type WatchedServer } from '../dns/observe.ts';
import { type RecordLocation, RecordLocator } from '../dns/record-location.ts';
import type { CheckPace } from '../dns/server-watch.ts';
import type { ZoneFinder } from '../dns/zone.ts';
import { describeFailure, Failure } from '../failure.ts';
import type { PresentedRecords } from '../journal/presented-records.ts';
import { inParallel } from '../parallel.ts';
import type { ScriptRecord } from '../script/arguments.ts';
import type { NameFindings, Step, StepFinding } from './findings.ts';

/** How a check goes. */
export interface ExaminationPlan {
  records: PresentedRecords;
  finder: ZoneFinder;
  pace: CheckPace;
  /** Milliseconds that name servers have for each step. */
  timeout: number;
  /** Calls of the script side by side. */
  concurrency: number;
  signal: AbortSignal;
}

interface Subject {
  location: RecordLocation;
  servers: WatchedServer[];
  first: ScriptRecord;
  second: ScriptRecord;
  findings: NameFindings;
}

/**
 * Tries a script on live DNS, without a CA: sets a value and a second one beside it, removes the one and then the other,
 * and watches every authoritative server after each step. A name for which a step fails is not tried further.
 *
 * @throws Failure when a name's CNAME chain leads nowhere
 */
export async function examine(domains: readonly string[], plan: ExaminationPlan): Promise<NameFindings[]> {
  const locator = new RecordLocator(plan.finder);
  const bare = [...new Set(domains.map((domain) => domain.replace(/^\*\./, '')))];
  const subjects = await Promise.all(
    bare.map(async (domain) => subjectOf(domain, await locator.locate(domain), plan)),
  );

  const shows = (record: ScriptRecord) => (values: readonly string[]) => values.includes(record.value);
  const lacks = (record: ScriptRecord) => (values: readonly string[]) => !values.includes(record.value);
  const present = (record: ScriptRecord): Promise<void> => plan.records.present([record], 1, plan.signal);
  const cleanUp = async (record: ScriptRecord): Promise<void> => {
    const { left } = await plan.records.cleanUp(1, plan.signal, [record]);
    if (left.length > 0) {
      throw new Failure(
        'Clean-up failed',
        'the script failed twice; the warning above has its last lines.',
        '',
      );
    }
  };

  await takeStep('present first', subjects, plan, {
    call: ({ first }) => present(first),
    isHoped: ({ first }) => shows(first),
  });
  await takeStep('present second', subjects, plan, {
    call: ({ second }) => present(second),
    isHoped: ({ second }) => shows(second),
    isKept: ({ first }) => shows(first),
  });
  await takeStep('clean up first', subjects, plan, {
    call: ({ first }) => cleanUp(first),
    isHoped: ({ first }) => lacks(first),
    isKept: ({ second }) => shows(second),
  });
  await takeStep('clean up second', subjects, plan, {
    call: ({ second }) => cleanUp(second),
    isHoped: ({ second }) => lacks(second),
  });
  return subjects.map(({ findings }) => findings);
}

interface StepActions {
  call: (subject: Subject) => Promise<void>;
  isHoped: (subject: Subject) => (values: readonly string[]) => boolean;
  isKept?: (subject: Subject) => (values: readonly string[]) => boolean;
}

async function takeStep(
  step: Step,
  subjects: readonly Subject[],
  plan: ExaminationPlan,
  actions: StepActions,
): Promise<void> {
  const tried = subjects.filter(({ findings }) => findings.steps.every(wasSeen));
  const calls = await inParallel(plan.concurrency, tried, async (subject) => {
    const started = performance.now();
    const failure = await actions.call(subject).then(
      () => undefined,
      (error: unknown) => failureText(error, plan.signal),
    );
    return { subject, failure, milliseconds: performance.now() - started };
  });
  await Promise.all(
    calls.map(async ({ subject, failure, milliseconds }) => {
      const { servers, location, findings } = subject;
      const sightings =
        failure === undefined ? await observe(servers, location.name, actions.isHoped(subject), plan) : [];
      const isKept = actions.isKept?.(subject);
      const otherKept =
        isKept === undefined || failure !== undefined ? undefined : allKeep(sightings, isKept);
      findings.steps.push({ step, milliseconds, failure, sightings, otherKept } satisfies StepFinding);
    }),
  );
}

/** Whether the script ended well and at least one server followed. */
function wasSeen({ failure, sightings }: StepFinding): boolean {
  return failure === undefined && sightings.some(({ after }) => after !== undefined);
}

function failureText(error: unknown, signal: AbortSignal): string {
  signal.throwIfAborted();
  if (error instanceof Failure) {
    return describeFailure(error);
  }
  throw error;
}

/** Whether every server that followed the step still shows the other value. */
function allKeep(sightings: readonly Sighting[], isKept: (values: readonly string[]) => boolean): boolean {
  return sightings
    .filter(({ after }) => after !== undefined)
    .every(({ answer }) => isKept(answer.kind === 'values' ? answer.values : []));
}

function subjectOf(domain: string, location: RecordLocation, { finder }: ExaminationPlan): Subject {
  const authoritative = location.zone?.servers.map(({ host, address, ask }) => ({
    label: `${host} ${address}`,
    ask,
  }));
  const servers =
    authoritative === undefined || authoritative.length === 0
      ? [{ label: 'recursive resolvers', ask: finder.resolvers }]
      : authoritative;
  return {
    location,
    servers,
    first: randomRecord(domain, location),
    second: randomRecord(domain, location),
    findings: { domain, recordName: location.name, zone: location.zone?.name, steps: [] },
  };
}

/** A record as a CA would ask for it, from a random token. */
function randomRecord(domain: string, location: RecordLocation): ScriptRecord {
  const token = randomBytes(32).toString('base64url');
  const keyAuthorization = `${token}.${randomBytes(32).toString('base64url')}`;
  return {
    fqdn: `${location.name}.`,
    value: createHash('sha256').update(keyAuthorization).digest('base64url'),
    domain,
    token,
    keyAuthorization,
    orderedName: domain,
    zone: location.zone?.name,
  };
}
