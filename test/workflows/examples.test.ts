// Every workflow under examples/, run as it is, with the example script against BIND. Adapted is only what names the
// world outside: the name server's address, the site whose certificate is looked at (here one that is not up yet), and
// beside `agree-tos` the CA, its root and the resolver.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { repository } from '../rig/action-metadata.ts';
import { startBind } from '../rig/bind.ts';
import { temporaryFolder } from '../rig/folder.ts';
import { type Pebble, startPebble } from '../rig/pebble.ts';
import { run } from '../rig/process.ts';
import { startResolver, type TestResolver } from '../rig/resolver.ts';
import { skipUnless } from '../rig/tools.ts';
import { type NameServer, type TsigKey, tsigKey } from '../rig/zone.ts';
import { copyOfAction, runAct, userRepository } from './act.ts';
import { assertDeployed, deployProgram } from './authority.ts';

const examples = path.join(repository, 'examples');
const both = ['example.com', '*.example.com'];

/** What each workflow leaves: folders of the deployment and the names of the certificate in them. */
const deployments: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'certificate.yml': { installed: both },
  'deploy.yml': { 'example.com': both },
  'environment.yml': { 'example.com': both },
  'reusable.yml': { website: both, mail: ['mail.example.com'] },
  'store-cache.yml': { 'example.com': both },
  'store-commit.yml': { 'example.com': both },
};

/** What the first workflow calls in a step of its own. */
const installProgram = `#!/bin/sh
set -eu
mkdir "$DEPLOY_SECRET/installed"
cp "$1" "$DEPLOY_SECRET/installed/fullchain.pem"
cp "$2" "$DEPLOY_SECRET/installed/privkey.pem"
`;

/** What stands in for the repository on GitHub, for workflows that push. */
async function bareCopy(folder: string): Promise<string> {
  const remote = temporaryFolder('remote');
  await run('git', ['clone', '--quiet', '--bare', folder, remote]);
  return remote;
}

const skip = skipUnless('git', 'go', 'named', 'rndc', 'nsupdate', 'port 53');

describe('the example workflows', { skip }, () => {
  const address = '127.0.0.32';
  const key: TsigKey = tsigKey('acme');
  const accountKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const action = copyOfAction();
  let server: NameServer;
  let resolver: TestResolver;
  let pebble: Pebble;

  before(async () => {
    server = await startBind({ address, zones: [{ name: 'example.com', updateKey: key }] });
    resolver = await startResolver({
      zones: [{ name: 'example.com', servers: [{ name: 'ns.example.com', addresses: [address] }] }],
    });
    // Not by the resolver, which remembers a value for as long as its TTL says.
    pebble = await startPebble({ dnsServer: `${address}:53` });
  });
  after(async () => {
    await pebble?.stop();
    await resolver?.stop();
    await server?.stop();
  });

  function adapted(text: string): string {
    const lines = [
      `server: ${pebble.directoryUrl}`,
      'ca-certificates: roots.pem',
      `dns-resolvers: ${resolver.server}`,
    ];
    return text
      .replaceAll(/tls:\/\/\S+/g, 'tls://127.0.0.1:1')
      .replaceAll('DNS_SERVER: ns1.example.com', `DNS_SERVER: ${address}`)
      .replace(/^( +)agree-tos: true$/gm, (line, indent) =>
        [line, ...lines.map((more) => indent + more)].join('\n'),
      );
  }

  for (const name of readdirSync(path.join(examples, 'workflows'))) {
    it(`${name} obtains and deploys what it says`, async () => {
      const expected = deployments[name];
      assert.ok(expected, `this test does not know what ${name} does`);
      const deployed = temporaryFolder('deployed');
      const workflow = `.github/workflows/${name}`;
      const folder = await userRepository({
        [workflow]: adapted(readFileSync(path.join(examples, 'workflows', name), 'utf8')),
        'dns.sh': readFileSync(path.join(examples, 'scripts', 'nsupdate.sh'), 'utf8'),
        'deploy.sh': deployProgram,
        'install.sh': installProgram,
        'roots.pem': readFileSync(pebble.rootCertificate, 'utf8'),
      });
      await run('git', ['-C', folder, 'remote', 'add', 'origin', await bareCopy(folder)]);
      await run('git', ['-C', folder, 'push', '--quiet', '--set-upstream', 'origin', 'main']);
      const result = await runAct({
        folder,
        workflow,
        action,
        env: { DEPLOY_SECRET: deployed },
        secrets: {
          ACME_ACCOUNT_KEY: accountKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
          TSIG_SECRET: key.secret,
          DNS_CREDENTIALS: `DNS_SERVER=${address}\nTSIG_NAME=${key.name}\nTSIG_SECRET=${key.secret}`,
          DEPLOY_KEY: deployed,
          STORE_KEY: 'a passphrase for tests only',
        },
      });
      assert.equal(result.exitCode, 0, result.log);
      for (const [certificate, domains] of Object.entries(expected)) {
        await assertDeployed(path.join(deployed, certificate), domains, pebble);
      }
      assert.ok(!result.log.includes(key.secret), 'the key is masked in the log');
      assert.deepEqual(await server.txt('_acme-challenge.example.com'), []);
    });
  }
});
