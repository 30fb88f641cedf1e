import type { Sighting } from '../dns/observe.ts';

/** The steps of a check, in their order. */
export const steps = ['present first', 'present second', 'clean up first', 'clean up second'] as const;
export type Step = (typeof steps)[number];

/** What one step did and what the name servers showed of it. */
export interface StepFinding {
  step: Step;
  /** How long the script took, in milliseconds. */
  milliseconds: number;
  /** What the script's failure says; undefined when it ended with exit code 0. */
  failure: string | undefined;
  /** Whether each server showed what the step should do; empty when the script failed. */
  sightings: Sighting[];
  /** Whether the other value was left alone; undefined where there is no other. */
  otherKept: boolean | undefined;
}

/** What a check found for one name. */
export interface NameFindings {
  domain: string;
  /** Without a final dot. */
  recordName: string;
  zone: string | undefined;
  steps: StepFinding[];
}

/** Settings that fit what was measured. */
export interface Proposal {
  /** Seconds. */
  propagationTimeout: number;
  /** Seconds. */
  pollingInterval: number;
  concurrency: number;
}

/** What is wrong and what to change, a sentence each; empty: all is well. */
export function faultsOf({ domain, steps: findings }: NameFindings): string[] {
  return findings.flatMap((finding) => faultsOfStep(domain, finding));
}

function faultsOfStep(domain: string, { step, failure, sightings, otherKept }: StepFinding): string[] {
  if (failure !== undefined) {
    return [`${domain}, ${step}: ${failure}`];
  }
  const late = sightings.filter(({ after }) => after === undefined).map(({ server }) => server);
  const isPresent = step.startsWith('present');
  const faults: string[] = [];
  if (late.length > 0 && late.length === sightings.length) {
    faults.push(
      isPresent
        ? `${domain}, ${step}: the script ended with 0, but no server shows the value. Check the name and zone that it sets, and whether it hides an error of its DNS host.`
        : `${domain}, ${step}: the script ended with 0, but every server still shows the value. Check what its cleanup removes.`,
    );
  } else if (late.length > 0) {
    faults.push(
      `${domain}, ${step}: ${late.join(', ')} did not follow in time. Allow more with exec-propagation-timeout, or mend the transfer between the servers.`,
    );
  }
  if (otherKept === false) {
    faults.push(
      isPresent
        ? `${domain}, ${step}: the first value is gone. The script replaces the record; let it add a value, as a name and its wildcard need both.`
        : `${domain}, ${step}: the second value is gone as well. The script removes the whole record; let it remove only the value it is given.`,
    );
  }
  return faults;
}

/** The longest time until all servers showed what they should, in milliseconds. */
export function slowestSighting(findings: readonly NameFindings[]): number {
  const times = findings.flatMap(({ steps: all }) =>
    all.flatMap(({ sightings }) => sightings.flatMap(({ after }) => (after === undefined ? [] : [after]))),
  );
  return Math.max(0, ...times);
}

/**
 * Settings from measurements: three times the slowest propagation, ten checks in it, and as many calls side by side as
 * make 100 names take about ten seconds.
 */
export function proposalFrom(findings: readonly NameFindings[]): Proposal {
  const slowest = slowestSighting(findings) / 1000;
  const calls = findings.flatMap(({ steps: all }) => all.map(({ milliseconds }) => milliseconds / 1000));
  const longestCall = Math.max(0, ...calls);
  return {
    propagationTimeout: Math.max(30, Math.ceil((slowest * 3) / 10) * 10),
    pollingInterval: Math.min(30, Math.max(1, Math.ceil(slowest / 10))),
    concurrency: Math.min(10, Math.max(1, Math.ceil(longestCall * 10))),
  };
}
