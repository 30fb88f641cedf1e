// Gets a real certificate from a CA on this machine, with an example script or with yours: npm run demo -- --help
import { X509Certificate } from 'node:crypto';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Step } from '../runner/bundle.mjs';
import { startServers } from './servers.mjs';

const inputs = [
  'domains',
  'key-type',
  'exec-path',
  'exec-mode',
  'exec-delimiter',
  'exec-polling-interval',
  'exec-propagation-timeout',
  'exec-sequence-interval',
  'exec-concurrency',
  'exec-time-limit',
];
const usage = `Usage: npm run demo [-- options]

Starts a CA (Pebble) and a name server on this machine, gets a certificate with the action as it is in dist/, shows it,
and ends everything. Nothing leaves this machine but the download of Pebble's source by Go, once.

  --domains "a.example *.a.example"   the names; default: demo.example *.demo.example
  --exec-path ./my-script.sh          your own script instead of the example

Your script sets records at the demo's name server by its HTTP API, whose address it finds in DEMO_NAME_SERVER_API:
  curl -d '{"host": "_acme-challenge.a.example.", "value": "…"}' "$DEMO_NAME_SERVER_API/set-txt"
  curl -d '{"host": "_acme-challenge.a.example."}' "$DEMO_NAME_SERVER_API/clear-txt"

Other options: ${inputs
  .slice(3)
  .map((name) => `--${name}`)
  .join(' ')} --key-type`;

const given = readArguments();
const step = new Step({}, {});
const servers = await startServers(step.temp, console.log).catch(fail);
process.once('SIGINT', () => fail(new Error('Cancelled.')));
try {
  await demonstrate();
} catch (error) {
  fail(error);
} finally {
  servers.stop();
  step.remove();
}

async function demonstrate() {
  const action = new Step(
    {
      domains: 'demo.example *.demo.example',
      'agree-tos': 'true',
      server: servers.directoryUrl,
      'ca-certificates': servers.rootCertificate,
      'dns-resolvers': servers.nameServer,
      'exec-path': path.join(import.meta.dirname, 'dns.mjs'),
      ...given,
    },
    {
      ...process.env,
      GITHUB_WORKSPACE: process.env.INIT_CWD ?? process.cwd(),
      DEMO_NAME_SERVER_API: servers.nameServerApi,
    },
  );
  try {
    const started = performance.now();
    const exitCode = await action.run('main');
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    await action.run('post', { state: action.values('STATE') });
    if (exitCode !== 0) {
      throw new Error(`The action ended with exit code ${exitCode}.`);
    }
    const outputs = action.values('OUTPUT');
    await showCertificate(outputs, seconds);
    await showRecords(outputs);
  } finally {
    action.remove();
  }
}

/** @param {Record<string, string>} outputs @param {string} seconds */
async function showCertificate(outputs, seconds) {
  const leaf = new X509Certificate(readFileSync(outputs.certificate ?? ''));
  const issuer = new X509Certificate(readFileSync(outputs.chain ?? ''));
  const root = new X509Certificate(await download(servers.issuingRootUrl));
  const isTrusted = leaf.verify(issuer.publicKey) && issuer.verify(root.publicKey);
  console.log(`
Names     ${leaf.subjectAltName?.replaceAll('DNS:', '')}
Issuer    ${outputs.issuer}
Valid     ${outputs['not-before']} to ${outputs['not-after']}
SHA-256   ${outputs.fingerprint}
Verified  ${isTrusted ? "up to the CA's root" : 'NO: the chain does not lead to the root'}
Time      ${seconds} s, with the validation delays that the CA adds at random`);
  if (!isTrusted) {
    throw new Error('The chain does not verify.');
  }
}

/** @param {Record<string, string>} outputs */
async function showRecords(outputs) {
  const resolver = new Resolver();
  resolver.setServers([servers.nameServer]);
  const names = new Set(
    JSON.parse(outputs.domains ?? '[]').map((/** @type {string} */ name) => name.replace('*.', '')),
  );
  for (const name of names) {
    const values = await resolver.resolveTxt(`_acme-challenge.${name}`).catch(() => []);
    console.log(`Record    _acme-challenge.${name}: ${values.length === 0 ? 'cleaned up' : 'STILL THERE'}`);
    if (values.length > 0) {
      throw new Error('A record was left behind.');
    }
  }
}

/** @param {string} url @returns {Promise<string>} */
function download(url) {
  return new Promise((resolve, reject) => {
    get(url, { ca: readFileSync(servers.rootCertificate) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

/** @returns {Record<string, string>} */
function readArguments() {
  const strings = Object.fromEntries(inputs.map((name) => [name, { type: /** @type {const} */ ('string') }]));
  try {
    const { values } = parseArgs({ options: { ...strings, help: { type: 'boolean' } } });
    if (values.help) {
      console.log(usage);
      process.exit(0);
    }
    return /** @type {Record<string, string>} */ (values);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${usage}`);
    process.exit(2);
  }
}

/** @param {unknown} error @returns {never} */
function fail(error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : error}`);
  step.remove();
  process.exit(1);
}
