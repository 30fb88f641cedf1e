import { faultsOf, type NameFindings, type Proposal, type StepFinding } from './findings.ts';

/** A check as lines for the log. */
export function describeCheck(findings: readonly NameFindings[], proposal: Proposal): string {
  const names = findings.map((name) => {
    const lines = name.steps.map((step) => `  ${describeStep(step)}`);
    return [`${name.recordName} (zone ${name.zone ?? 'unknown'})`, ...lines].join('\n');
  });
  return [...names, describeProposal(proposal)].join('\n');
}

/** A check as Markdown for the job summary. */
export function describeCheckSummary(findings: readonly NameFindings[], proposal: Proposal): string {
  const rows = findings.flatMap(({ recordName, steps }) =>
    steps.map(
      (step) =>
        `| \`${recordName}\` | ${step.step} | ${step.failure === undefined ? '0' : 'failed'} | ${seconds(step.milliseconds)} | ${describeSightings(step, '<br>')} | ${otherValue(step)} |`,
    ),
  );
  const faults = findings.flatMap(faultsOf);
  return [
    `### Script check: ${faults.length === 0 ? 'all is well' : 'to be mended'}`,
    '',
    '| record | step | exit code | script | seen by | other value |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    describeProposal(proposal),
    '',
  ].join('\n');
}

function describeStep(step: StepFinding): string {
  const outcome = step.failure === undefined ? `exit code 0 in ${seconds(step.milliseconds)}` : 'failed';
  return [`${step.step}: ${outcome}`, describeSightings(step, ', '), otherValue(step)]
    .filter(Boolean)
    .join('; ');
}

function describeSightings({ step, sightings }: StepFinding, separator: string): string {
  const done = step.startsWith('present') ? 'shows it' : 'dropped it';
  return sightings
    .map(
      ({ server, after }) =>
        `${server} ${after === undefined ? 'not in time' : `${done} after ${seconds(after)}`}`,
    )
    .join(separator);
}

function otherValue({ otherKept }: StepFinding): string {
  return otherKept === undefined ? '' : `other value ${otherKept ? 'kept' : 'LOST'}`;
}

function describeProposal({ propagationTimeout, pollingInterval, concurrency }: Proposal): string {
  return `Proposed: exec-propagation-timeout: ${propagationTimeout}, exec-polling-interval: ${pollingInterval}, exec-concurrency: ${concurrency}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}
