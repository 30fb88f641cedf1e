// A workflow with `uses: ./`: the action at the root of the repository that is checked out.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { skipUnless } from '../rig/tools.ts';
import { copyOfAction, runAct, userRepository } from './act.ts';
import { type Authority, assertDeployed, dnsScript, startAuthority } from './authority.ts';

/** Like the other one, but its first two clean-ups fail: the main step tries twice, the rest is the post step's. */
const failingScript = `#!/bin/sh
case "$1" in cleanup)
  echo x >> "$CALLS"
  if [ "$(wc -l < "$CALLS")" -le 2 ]; then echo "the API is down"; exit 3; fi ;;
esac
exec ./dns.mjs "$@"
`;

function workflow({ pebble, dns }: Authority, execPath: string): string {
  return `on: workflow_dispatch
jobs:
  certificate:
    runs-on: ubuntu-latest
    outputs:
      not-after: \${{ steps.acme.outputs.not-after }}
      renewed: \${{ steps.acme.outputs.renewed }}
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: ./
        id: acme
        with:
          domains: root.example
          server: ${pebble.directoryUrl}
          ca-certificates: |
${authority(pebble.rootCertificate)}
          agree-tos: true
          exec-path: ${execPath}
          exec-env: NAME_SERVER_API=${dns.managementUrl}
          dns-resolvers: ${dns.dnsServer}
      - env:
          FILES: \${{ steps.acme.outputs.directory }}
        run: cp -r "$FILES" "$COPY"
  next:
    needs: certificate
    runs-on: ubuntu-latest
    steps:
      - env:
          OUTPUTS: \${{ toJSON(needs.certificate.outputs) }}
        run: printf '%s' "$OUTPUTS" > "$REPORT_FILE"
`;
}

function authority(file: string): string {
  return readFileSync(file, 'utf8').trim().replaceAll(/^/gm, ' '.repeat(12));
}

describe('a workflow with the action of its own repository', { skip: skipUnless('git', 'go') }, () => {
  let ca: Authority;
  before(async () => {
    ca = await startAuthority();
  });
  after(() => ca?.stop());

  async function runWith(execPath: string) {
    const folder = await userRepository({
      '.github/workflows/own.yml': workflow(ca, execPath),
      'dns.mjs': dnsScript,
      'failing.sh': failingScript,
    });
    copyOfAction(folder);
    const target = temporaryFolder('root-action');
    const files = {
      COPY: path.join(target, 'files'),
      REPORT_FILE: path.join(target, 'outputs.json'),
      CALLS: path.join(target, 'calls'),
    };
    const result = await runAct({ folder, workflow: '.github/workflows/own.yml', env: files });
    assert.equal(result.exitCode, 0, result.log);
    return { log: result.log, ...files };
  }

  it('gets its files in the next step and its outputs in the next job; the post step runs', async () => {
    const { log, COPY, REPORT_FILE } = await runWith('./dns.mjs');
    const leaf = await assertDeployed(COPY, ['root.example'], ca.pebble);
    const outputs = JSON.parse(readFileSync(REPORT_FILE, 'utf8'));
    assert.deepEqual(outputs, {
      renewed: 'true',
      'not-after': `${new Date(leaf.validTo).toISOString().slice(0, 19)}Z`,
    });
    assert.match(log, /Success - Post \.\//);
    assert.match(log, /No DNS record was left to clean up\./);
  });

  it('has the post step clean up what the main step could not', async () => {
    const { log, COPY } = await runWith('./failing.sh');
    await assertDeployed(COPY, ['root.example'], ca.pebble);
    assert.match(log, /A TXT record was left for root\.example/);
    assert.match(log, /Records that the main step left and that are cleaned up now: 1 \(root\.example\)/);
    assert.deepEqual(await ca.dns.txt('_acme-challenge.root.example'), []);
  });
});
