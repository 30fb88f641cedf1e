import { revoke } from './revoke-certificate.ts';
import { listenForCancellation } from './runner/cancellation.ts';
import * as runner from './runner/commands.ts';
import { runStep } from './runner/step.ts';
import { inputFailure } from './settings/problem.ts';
import { readRevocationSettings, revocationInputNames } from './settings/revocation.ts';
import { secretsIn } from './settings/secrets.ts';

/** The `revoke` action: inputs → settings → revocation → report. */
async function main(): Promise<void> {
  const inputs = runner.readInputs(revocationInputNames, process.env);
  for (const secret of secretsIn(inputs)) {
    runner.mask(secret);
  }
  const { settings, problems } = readRevocationSettings(inputs, process.env);
  if (settings === undefined) {
    throw inputFailure(problems);
  }
  const { description, isNew } = await revoke(settings, {
    log: runner.runnerLog,
    ...listenForCancellation(),
  });
  runner.setOutput('revoked', 'true');
  runner.setOutput('serial', description.serial);
  const names = description.domains.join(', ');
  if (isNew) {
    runner.runnerLog.info(`Revoked: ${description.serial} (${names}).`);
  } else {
    runner.runnerLog.notice(
      'Already revoked',
      `The certificate ${description.serial} (${names}) was revoked before.`,
    );
  }
}

await runStep(main);
