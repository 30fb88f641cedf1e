// acme-client's own flow (`auto`), as a user of that library would write it. It starts all scripts at once and does not
// check propagation.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import acme from 'acme-client';

const [directoryUrl, rootFile, script, ...domains] = process.argv.slice(2);
const run = promisify(execFile);
acme.axios.defaults.httpsAgent = new (await import('node:https')).Agent({ ca: readFileSync(rootFile) });

const client = new acme.Client({ directoryUrl, accountKey: await acme.crypto.createPrivateEcdsaKey() });
const [, csr] = await acme.crypto.createCsr({ altNames: domains }, await acme.crypto.createPrivateEcdsaKey());
const call =
  (/** @type {string} */ command) =>
  async (
    /** @type {{ identifier: { value: string } }} */ authorization,
    /** @type {unknown} */ _challenge,
    /** @type {string} */ value,
  ) => {
    await run(script, [command, `_acme-challenge.${authorization.identifier.value}.`, value]);
  };
await client.auto({
  csr,
  termsOfServiceAgreed: true,
  email: 'bench@example.com',
  challengePriority: ['dns-01'],
  skipChallengeVerification: true,
  challengeCreateFn: call('present'),
  challengeRemoveFn: call('cleanup'),
});
