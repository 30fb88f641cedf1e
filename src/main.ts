import path from 'node:path';
import { nameList } from './acme/order.ts';
import { readTermsOfService } from './acme/terms.ts';
import type { Surroundings } from './obtain.ts';
import { type RunResult, renewCertificate } from './renew.ts';
import { describeOutputs } from './report/outputs.ts';
import { describeFailedRun, describeRun } from './report/summary.ts';
import { listenForCancellation } from './runner/cancellation.ts';
import * as runner from './runner/commands.ts';
import { runStep } from './runner/step.ts';
import { StoreCache } from './runner/store-cache.ts';
import { inputFailure } from './settings/problem.ts';
import { inputNames, readSettings, type SettingsReading } from './settings/read.ts';
import { secretsIn } from './settings/secrets.ts';
import type { Settings } from './settings/settings.ts';
import { Timeline } from './timeline.ts';

const surroundings = surroundingsOfStep();
/** The certificate's name, as far as it is known, for the summary of a failure. */
let name = 'not obtained';

/** The main step: inputs → settings → certificate → files and report. */
async function main(): Promise<void> {
  const inputs = runner.readInputs(inputNames, process.env);
  for (const secret of secretsIn(inputs)) {
    runner.mask(secret);
  }
  const reading = await readSettings(inputs, process.env, process.platform);
  name = reading.settings?.name ?? name;
  const settings = await acceptedSettings(reading);
  runner.saveState('journal', surroundings.journalFile);
  const cache = settings.store?.cache
    ? new StoreCache(placeOf(settings.store.directory, settings), settings.name, surroundings.log)
    : undefined;
  await cache?.restore();
  try {
    await renewCertificate(settings, surroundings, report);
  } finally {
    await cache?.save();
  }
}

/** A folder as the cache knows it: relative where it can be, as runners keep their workspaces in different places. */
function placeOf(directory: string, { workspace }: Settings): string {
  const relative = path.relative(workspace, directory);
  return relative.startsWith('..') || path.isAbsolute(relative) ? directory : relative;
}

function surroundingsOfStep(): Surroundings {
  return {
    environment: process.env,
    journalFile: runner.journalFile(process.env),
    log: runner.runnerLog,
    timeline: new Timeline(),
    mask: runner.mask,
    ...listenForCancellation(),
  };
}

/** The settings, once nothing is wrong with them and the CA's terms are agreed to. */
async function acceptedSettings(reading: SettingsReading): Promise<Settings> {
  const { settings, problems, agreesToTerms } = reading;
  if (settings !== undefined && agreesToTerms) {
    return settings;
  }
  const terms = settings === undefined ? undefined : await termsOf(settings);
  const unagreed = {
    input: 'agree-tos',
    read: '',
    right: `must be true: read the CA's terms of service${terms === undefined ? '' : ` (${terms})`}, and set it if you agree.`,
  };
  const isTold = agreesToTerms || problems.some(({ input }) => input === 'agree-tos');
  const all = isTold ? problems : [...problems, unagreed];
  throw inputFailure(all);
}

async function termsOf({ authority: { directoryUrl, roots } }: Settings): Promise<string | undefined> {
  return await readTermsOfService(directoryUrl, { roots, timeout: 5000, signal: surroundings.cancelled });
}

async function report(result: RunResult): Promise<void> {
  const { log, timeline } = surroundings;
  const outputs = describeOutputs(result);
  for (const [output, value] of Object.entries(outputs)) {
    runner.setOutput(output, value);
  }
  if (result.renewed) {
    log.info(
      `Certificate for ${nameList(result.description.domains)} from ${outputs.issuer}, valid until ${outputs['not-after']}, in ${outputs.directory} (${result.requests} requests to the CA, ${(timeline.elapsed / 1000).toFixed(1)} s).`,
    );
  }
  await runner.writeSummary(describeRun(name, result, timeline.spans));
}

await runStep(main, async (failure) => {
  await runner.writeSummary(describeFailedRun(name, failure, surroundings.timeline.spans));
});
