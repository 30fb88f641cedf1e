import { Failure } from './failure.ts';
import { readJournal } from './journal/journal.ts';
import { endLeftCalls, PresentedRecords } from './journal/presented-records.ts';
import { listenForCancellation } from './runner/cancellation.ts';
import { mask, readState, runnerLog } from './runner/commands.ts';
import { runStep } from './runner/step.ts';
import { commandLine } from './script/command-line.ts';
import { DnsScript } from './script/script.ts';

/** The post step: cleans up what the main step presented and could not clean up, from its journal alone. */
async function post(): Promise<void> {
  const file = readState('journal', process.env);
  const found = file === '' ? undefined : readJournal(file);
  if (found === undefined) {
    runnerLog.info('No DNS record was left to clean up.');
    return;
  }
  const { script: settings, left, journal } = found;
  for (const value of Object.values(settings.environment)) {
    mask(value);
  }
  const ended = endLeftCalls(left, commandLine);
  if (ended > 0) {
    runnerLog.info(`Calls of the script that were still running and were ended: ${ended}`);
  }
  const script = new DnsScript(settings, process.env, runnerLog);
  const records = new PresentedRecords(script, journal, runnerLog, left);
  const result = await records.cleanUp(1, listenForCancellation().urgent);
  const names = result.cleaned.map(({ orderedName }) => orderedName);
  runnerLog.info(
    `Records that the main step left and that are cleaned up now: ${names.length} (${names.join(', ')})`,
  );
  if (result.left.length > 0) {
    throw new Failure(
      'TXT records were left behind',
      result.left.map(({ fqdn, value }) => `${fqdn} TXT "${value}"`).join('\n'),
      'Remove them by hand.',
    );
  }
}

await runStep(post);
