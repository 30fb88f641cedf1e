import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { deploy } from './deploy.ts';
import { Failure } from './failure.ts';
import {
  type ObtainedCertificate,
  obtainCertificate,
  readTermsOfService,
  type Surroundings,
} from './obtain.ts';
import { asFailure, describeFailure, describeStack } from './report/failure.ts';
import { describeOutputs } from './report/outputs.ts';
import { describeFailedRun, describeRun } from './report/summary.ts';
import { listenForCancellation } from './runner/cancellation.ts';
import * as runner from './runner/commands.ts';
import { describeProblems } from './settings/problem.ts';
import { inputNames, readSettings, type SettingsReading } from './settings/read.ts';
import { secretsIn } from './settings/secrets.ts';
import type { Settings } from './settings/settings.ts';
import { Timeline } from './timeline.ts';

/** The main step: inputs → settings → certificate → files and report. */
async function main(): Promise<void> {
  const inputs = runner.readInputs(inputNames, process.env);
  for (const secret of secretsIn(inputs)) {
    runner.mask(secret);
  }
  const surroundings = surroundingsOfStep();
  const reading = readSettings(inputs, process.env, process.platform);
  const name = reading.settings?.name ?? 'not obtained';
  try {
    const settings = await acceptedSettings(reading, surroundings);
    runner.saveState('journal', surroundings.journalFile);
    const obtained = await obtainCertificate(settings, surroundings);
    await report(settings, obtained, surroundings);
    await deployCertificate(settings, obtained, surroundings);
  } catch (error) {
    const failure = asFailure(error);
    runner.fail(failure.title, describeFailure(failure));
    if (runner.isDebug(process.env)) {
      surroundings.log.debug(describeStack(error));
    }
    await runner.writeSummary(describeFailedRun(name, failure, surroundings.timeline.spans));
  }
}

function surroundingsOfStep(): Surroundings {
  const folder = process.env.RUNNER_TEMP || path.join(process.cwd(), '.acme-exec');
  return {
    environment: process.env,
    journalFile: path.join(folder, 'acme-exec-journal', `${randomUUID()}.jsonl`),
    log: runner.runnerLog,
    timeline: new Timeline(),
    mask: runner.mask,
    ...listenForCancellation(),
  };
}

/** The settings, once nothing is wrong with them and the CA's terms are agreed to. */
async function acceptedSettings(reading: SettingsReading, surroundings: Surroundings): Promise<Settings> {
  const { settings, problems, agreesToTerms } = reading;
  if (settings !== undefined && agreesToTerms) {
    return settings;
  }
  const terms = settings === undefined ? undefined : await readTermsOfService(settings, surroundings);
  const unagreed = {
    input: 'agree-tos',
    read: '',
    right: `must be true: read the CA's terms of service${terms === undefined ? '' : ` (${terms})`}, and set it if you agree.`,
  };
  const all = agreesToTerms ? problems : [...problems, unagreed];
  throw new Failure(
    all.length === 1 ? 'An input is wrong' : `${all.length} inputs are wrong`,
    describeProblems(all),
    'Nothing was ordered. Mend the inputs and run again.',
  );
}

async function report(
  settings: Settings,
  obtained: ObtainedCertificate,
  { log, timeline }: Surroundings,
): Promise<void> {
  const reason = 'A certificate was ordered, as each run without a store orders one.';
  const outputs = describeOutputs(obtained, reason);
  for (const [output, value] of Object.entries(outputs)) {
    runner.setOutput(output, value);
  }
  log.info(
    `Certificate for ${obtained.description.domains.join(', ')} from ${outputs.issuer}, valid until ${outputs['not-after']}, in ${outputs.directory} (${obtained.requests} requests to the CA, ${(timeline.elapsed / 1000).toFixed(1)} s).`,
  );
  await runner.writeSummary(
    describeRun({
      name: settings.name,
      description: obtained.description,
      reason,
      requests: obtained.requests,
      spans: timeline.spans,
    }),
  );
}

async function deployCertificate(
  settings: Settings,
  { description, files }: ObtainedCertificate,
  { environment, log, cancelled }: Surroundings,
): Promise<void> {
  if (settings.deploy === undefined) {
    return;
  }
  const deployment = {
    name: settings.name,
    domains: description.domains,
    directory: files.directory,
    certificate: files.pathOf('certificate'),
    chain: files.pathOf('chain'),
    fullchain: files.pathOf('fullchain'),
    privateKey: files.pathOf('privateKey'),
  };
  const { workspace } = settings.script;
  await deploy(settings.deploy, deployment, { workspace, environment, log, signal: cancelled });
}

await main();
// A socket or a child of a script that is still open must not hold the step.
process.stdout.write('', () => process.exit());
