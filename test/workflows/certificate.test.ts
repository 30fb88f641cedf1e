// The reusable workflow, called by a user's repository for two certificates at the same time.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { skipUnless } from '../rig/tools.ts';
import { type ActResult, copyOfAction, runAct, userRepository } from './act.ts';
import { type Authority, assertDeployed, deployProgram, dnsScript, startAuthority } from './authority.ts';

const site = {
  name: 'site',
  domains: ['xn--bcher-kva.example', '*.xn--bcher-kva.example', 'www.shop.example'],
};
const mail = { name: '_.mail.example', domains: ['*.mail.example'] };

function callerWorkflow({ pebble, dns }: Authority): string {
  const job = (domains: string, extra: string): string => `
    permissions:
      contents: read
    uses: OWNER/acme-exec/.github/workflows/certificate.yml@v1
    with:
      domains: ${domains}
      server: ${pebble.directoryUrl}
      ca-certificates: roots.pem
      agree-tos: true
      exec-path: ./dns.mjs
      dns-resolvers: ${dns.dnsServer}
      deploy-path: ./deploy.sh
      environment: production
${extra}
    secrets:
      exec-env: \${{ secrets.DNS_CREDENTIALS }}
      deploy-secret: \${{ secrets.DEPLOY_SECRET }}`;
  return `name: Certificates
on: workflow_dispatch
permissions: {}
jobs:
  site:${job("'bücher.example, *.bücher.example www.shop.example'", '      name: site\n      key-type: rsa2048')}
  mail:${job("'*.mail.example'", '      exec-concurrency: 2')}
  report:
    needs: [site, mail]
    runs-on: ubuntu-latest
    steps:
      - env:
          NEEDS: \${{ toJSON(needs) }}
        run: printf '%s' "$NEEDS" > "$REPORT_FILE"
`;
}

describe('the reusable workflow, called for two certificates at the same time', {
  skip: skipUnless('git', 'go'),
}, () => {
  const deployed = temporaryFolder('deployed');
  const reportFile = path.join(temporaryFolder('report'), 'needs.json');
  let authority: Authority;
  let result: ActResult;
  let outputs: Record<'site' | 'mail', Record<string, string>>;

  before(async () => {
    authority = await startAuthority();
    const folder = await userRepository({
      '.github/workflows/certificates.yml': callerWorkflow(authority),
      'dns.mjs': dnsScript,
      'deploy.sh': deployProgram,
      'roots.pem': authority.listenerRoot,
    });
    result = await runAct({
      folder,
      workflow: '.github/workflows/certificates.yml',
      action: copyOfAction(),
      env: { REPORT_FILE: reportFile },
      secrets: {
        DNS_CREDENTIALS: `# the name server's API\nNAME_SERVER_API=${authority.dns.managementUrl}\nPASSWORD=correct horse battery`,
        DEPLOY_SECRET: deployed,
      },
    });
    assert.equal(result.exitCode, 0, result.log);
    const needs = JSON.parse(readFileSync(reportFile, 'utf8'));
    outputs = { site: needs.site.outputs, mail: needs.mail.outputs };
  });
  after(() => authority?.stop());

  it('deploys a whole certificate of each job', async () => {
    const siteLeaf = await assertDeployed(path.join(deployed, site.name), site.domains, authority.pebble);
    const mailLeaf = await assertDeployed(path.join(deployed, mail.name), mail.domains, authority.pebble);
    assert.equal(siteLeaf.publicKey.asymmetricKeyType, 'rsa');
    assert.equal(mailLeaf.publicKey.asymmetricKeyType, 'ec');
    assert.equal(readFileSync(path.join(deployed, site.name, 'domains'), 'utf8'), site.domains.join(' '));
  });

  it('tells the caller of each certificate', async () => {
    for (const [job, { name, domains }] of [
      ['site', site],
      ['mail', mail],
    ] as const) {
      const leaf = await assertDeployed(path.join(deployed, name), domains, authority.pebble);
      const told = outputs[job];
      assert.equal(told.renewed, 'true');
      assert.deepEqual(JSON.parse(told.domains ?? '').toSorted(), domains.toSorted());
      assert.equal(told.serial, leaf.serialNumber);
      assert.equal(told.fingerprint, leaf.fingerprint256.replaceAll(':', '').toLowerCase());
      assert.equal(Date.parse(told['not-after'] ?? ''), Date.parse(leaf.validTo));
    }
  });

  it('hands out no path and no key', () => {
    for (const told of Object.values(outputs)) {
      const text = JSON.stringify(told);
      assert.doesNotMatch(text, /PRIVATE KEY|privkey|account\.pem/);
      assert.ok(!Object.values(told).some((value) => path.isAbsolute(value)), text);
    }
    assert.doesNotMatch(result.log, /PRIVATE KEY/);
  });

  it('hides the values of exec-env, each line on its own', () => {
    assert.match(result.log, /site\b.*present by \*\*\*: 200/);
    assert.ok(!result.log.includes(authority.dns.managementUrl), result.log);
  });

  it('leaves no record behind', async () => {
    for (const name of ['xn--bcher-kva.example', 'www.shop.example', 'mail.example']) {
      assert.deepEqual(await authority.dns.txt(`_acme-challenge.${name}`), []);
    }
  });

  it('had both jobs under way at once', () => {
    const lines = result.log.split('\n');
    const first = (text: string): number => lines.findIndex((line) => line.includes(text));
    const isMain = 'Run Main Obtain the certificate';
    const isDone = 'Success - Main Obtain the certificate';
    const starts = [
      first(`[site/Certificate/Certificate] ⭐ ${isMain}`),
      first(`[mail/Certificate/Certificate] ⭐ ${isMain}`),
    ];
    assert.ok(Math.min(...starts) >= 0 && Math.max(...starts) < first(isDone), result.log);
  });
});
