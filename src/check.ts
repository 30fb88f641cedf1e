import { examine } from './check/examine.ts';
import { faultsOf, proposalFrom } from './check/findings.ts';
import { describeCheck, describeCheckSummary } from './check/table.ts';
import { NameServer } from './dns/query.ts';
import { ZoneFinder } from './dns/zone.ts';
import { Failure } from './failure.ts';
import { Journal } from './journal/journal.ts';
import { PresentedRecords } from './journal/presented-records.ts';
import { effectiveTimes } from './order/times.ts';
import { listenForCancellation } from './runner/cancellation.ts';
import * as runner from './runner/commands.ts';
import { runStep } from './runner/step.ts';
import { DnsScript } from './script/script.ts';
import { type CheckSettings, checkInputNames, readCheckSettings } from './settings/check.ts';
import { inputFailure } from './settings/problem.ts';
import { secretsIn } from './settings/secrets.ts';

const { runnerLog: log } = runner;

/** The `check` action: inputs → settings → trial of the script → report. */
async function main(): Promise<void> {
  const inputs = runner.readInputs(checkInputNames, process.env);
  for (const secret of secretsIn(inputs)) {
    runner.mask(secret);
  }
  const { settings, problems } = readCheckSettings(inputs, process.env, process.platform);
  if (settings === undefined) {
    throw inputFailure(problems);
  }
  const journalFile = runner.journalFile(process.env);
  runner.saveState('journal', journalFile);
  await checkScript(settings, journalFile);
}

async function checkScript(settings: CheckSettings, journalFile: string): Promise<void> {
  const { cancelled, urgent } = listenForCancellation();
  const { script: scriptSettings, domains } = settings;
  const { times, protocol } = await effectiveTimes(scriptSettings, process.env, log, cancelled);
  const script = new DnsScript({ ...scriptSettings, protocol }, process.env, log);
  const records = new PresentedRecords(script, new Journal(journalFile, script.settings), log);
  const finder = new ZoneFinder(new NameServer(settings.resolvers), log);
  const { concurrency } = scriptSettings;
  try {
    const findings = await examine(domains, {
      records,
      finder,
      pace: times.pace,
      timeout: times.timeout * 1000,
      concurrency,
      signal: cancelled,
    });
    const proposal = proposalFrom(findings);
    log.info(describeCheck(findings, proposal));
    await runner.writeSummary(describeCheckSummary(findings, proposal));
    const faults = findings.flatMap(faultsOf);
    runner.setOutput('ok', String(faults.length === 0));
    runner.setOutput('propagation-timeout', String(proposal.propagationTimeout));
    runner.setOutput('polling-interval', String(proposal.pollingInterval));
    runner.setOutput('concurrency', String(proposal.concurrency));
    if (faults.length > 0) {
      throw new Failure('The script needs mending', faults.join('\n'), 'Mend the script and check again.');
    }
  } finally {
    await records.cleanUp(concurrency, urgent);
    finder.close();
  }
}

await runStep(main);
