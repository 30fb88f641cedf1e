import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { generateIdentity } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { freePort } from '../rig/ports.ts';
import { run } from '../rig/process.ts';
import { skipUnless } from '../rig/tools.ts';
import { type ActResult, copyOfAction, runAct, userRepository } from './act.ts';
import { deployProgram, dnsScript } from './authority.ts';

const skip = skipUnless('git', 'go');

describe('state between the runs of a workflow', { skip }, () => {
  const action = copyOfAction();
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  /** A workflow of one step, in a repository with the script and the deploy program. */
  function repositoryWith(inputs: Record<string, string>): Promise<string> {
    const all = {
      domains: 'state.example',
      'agree-tos': 'true',
      server: ca.proxy.directoryUrl,
      'ca-certificates': 'roots.pem',
      'dns-resolvers': ca.dns.dnsServer,
      'exec-path': './dns.mjs',
      'deploy-path': './deploy.sh',
      ...inputs,
    };
    const lines = Object.entries(all).map(([name, value]) => `          ${name}: ${value}`);
    return userRepository({
      '.github/workflows/certificate.yml': `on: workflow_dispatch
jobs:
  certificate:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
      - uses: OWNER/acme-exec@v1
        with:
${lines.join('\n')}
`,
      'dns.mjs': dnsScript,
      'deploy.sh': deployProgram,
      'roots.pem': readFileSync(ca.proxy.rootCertificate, 'utf8'),
    });
  }

  function runWorkflow(
    folder: string,
    more: { deployed: string; secrets: Record<string, string>; cache?: string },
  ): Promise<ActResult> {
    return runAct({
      folder,
      workflow: '.github/workflows/certificate.yml',
      action,
      env: { DEPLOY_SECRET: more.deployed, NAME_SERVER_API: ca.dns.managementUrl },
      secrets: more.secrets,
      ...(more.cache !== undefined && { cache: more.cache }),
    });
  }

  it('comes from the cache: the second run finds the certificate and orders nothing', async () => {
    const folder = await repositoryWith({
      store: '.certificates',
      'store-cache': 'true',
      'store-key': secret('STORE_KEY'),
    });
    const setup = {
      deployed: temporaryFolder('deployed'),
      secrets: { STORE_KEY: await generateIdentity() },
      cache: temporaryFolder('cache'),
    };
    const first = await runWorkflow(folder, setup);
    assert.match(first.log, /The cache holds no store yet\./);
    assert.match(first.log, /The store was saved in the cache\./);

    const orders = ca.proxy.count('new-order');
    const second = await runWorkflow(folder, setup);
    assert.equal(second.exitCode, 0, second.log);
    assert.match(second.log, /The store comes from the cache: acme-exec-1-state\.example-/);
    assert.match(second.log, /Not due: valid until/);
    assert.equal(ca.proxy.count('new-order'), orders);
    assert.doesNotMatch(second.log, /The store was saved in the cache/);
  });

  it('is committed by the reusable workflow, with no key in plain text', async () => {
    const folder = await userRepository({
      '.github/workflows/certificate.yml': `on: workflow_dispatch
jobs:
  site:
    permissions:
      contents: write
    uses: OWNER/acme-exec/.github/workflows/certificate-commit.yml@v1
    with:
      domains: state.example
      agree-tos: true
      server: ${ca.proxy.directoryUrl}
      ca-certificates: roots.pem
      dns-resolvers: ${ca.dns.dnsServer}
      exec-path: ./dns.mjs
      store: certificates
    secrets:
      exec-env: NAME_SERVER_API=${ca.dns.managementUrl}
      store-key: ${secret('STORE_KEY')}
`,
      'dns.mjs': dnsScript,
      'roots.pem': readFileSync(ca.proxy.rootCertificate, 'utf8'),
    });
    const remote = temporaryFolder('remote');
    await run('git', ['clone', '--quiet', '--bare', folder, remote]);
    await run('git', ['-C', folder, 'remote', 'add', 'origin', remote]);
    await run('git', ['-C', folder, 'push', '--quiet', '--set-upstream', 'origin', 'main']);
    const secrets = { STORE_KEY: await generateIdentity() };
    const result = await runWorkflow(folder, { deployed: temporaryFolder('deployed'), secrets });
    assert.equal(result.exitCode, 0, result.log);
    const files = await run('git', ['-C', remote, 'ls-tree', '-r', '--name-only', 'main']);
    assert.match(files, /^certificates\/certificates\/state\.example\/privkey\.pem\.age$/m);
    const patch = await run('git', ['-C', remote, 'show', 'main']);
    assert.match(patch, /BEGIN CERTIFICATE/);
    assert.doesNotMatch(patch, /PRIVATE KEY/);
  });

  it('is not needed where the server shows its certificate and the account key is a secret', async () => {
    const port = await freePort();
    const folder = await repositoryWith({
      'current-certificate': `tls://127.0.0.1:${port}`,
      'account-key': secret('ACCOUNT_KEY'),
    });
    const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const deployed = temporaryFolder('deployed');
    const setup = {
      deployed,
      secrets: { ACCOUNT_KEY: key.export({ type: 'pkcs8', format: 'pem' }).toString() },
    };
    const first = await runWorkflow(folder, setup);
    assert.equal(first.exitCode, 0, first.log);

    const server = await serveDeployed(path.join(deployed, 'state.example'), port);
    try {
      const orders = ca.proxy.count('new-order');
      const second = await runWorkflow(folder, setup);
      assert.equal(second.exitCode, 0, second.log);
      assert.match(second.log, /Not due: valid until/);
      assert.equal(ca.proxy.count('new-order'), orders);
      assert.ok(!existsSync(path.join(folder, '.certificates')));
    } finally {
      server.close();
    }
  });
});

/** How a workflow names a secret. */
function secret(name: string): string {
  return `\${{ secrets.${name} }}`;
}

async function serveDeployed(folder: string, port: number): Promise<Server> {
  const server = createServer({
    cert: readFileSync(path.join(folder, 'fullchain.pem')),
    key: readFileSync(path.join(folder, 'privkey.pem')),
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

describe('a cache that cannot be reached', () => {
  it('is a warning, and the run goes on without', async () => {
    const ca = await startInstantAuthority();
    try {
      const result = await ca.run(
        {
          domains: 'cache.example',
          store: 'store',
          'store-cache': 'true',
          'store-key': await generateIdentity(),
        },
        { env: { ACTIONS_CACHE_URL: 'http://127.0.0.1:9/', ACTIONS_RUNTIME_TOKEN: 'token' } },
      );
      assert.equal(result.outputs.renewed, 'true', result.stdout);
      assert.ok(
        result.annotations.some(({ level }) => level === 'warning'),
        result.stdout,
      );
    } finally {
      await ca.stop();
    }
  });
});
