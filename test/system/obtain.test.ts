import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startBind } from '../rig/bind.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { startPebble } from '../rig/pebble.ts';
import { freeAddress } from '../rig/ports.ts';
import { startResolver } from '../rig/resolver.ts';
import { type ActionResult, runAction } from '../rig/runner.ts';
import { script } from '../rig/scripts.ts';
import { startStepCa } from '../rig/step-ca.ts';
import { skipUnless } from '../rig/tools.ts';

const domains = 'shop.example *.shop.example other.example Bücher.example shop.example';

describe('A certificate for an apex, its wildcard, another zone and a Unicode name', () => {
  let ca: InstantAuthority;
  let result: ActionResult;
  before(async () => {
    ca = await startInstantAuthority();
    result = await ca.run({ domains });
    assert.equal(result.exitCode, 0, result.stdout);
  });
  after(() => ca.stop());

  const names = ['shop.example', '*.shop.example', 'other.example', 'xn--bcher-kva.example'];
  const leaf = (): X509Certificate => new X509Certificate(readFileSync(result.outputs.certificate ?? ''));

  test('holds just these names, each once', () => {
    assert.deepEqual(JSON.parse(result.outputs.domains ?? ''), names);
  });

  test("is signed by the CA, up to the CA's root", async () => {
    const chain = new X509Certificate(readFileSync(result.outputs.chain ?? ''));
    const root = new X509Certificate(await ca.pebble.issuingRoot());
    assert.ok(leaf().verify(chain.publicKey));
    assert.ok(chain.verify(root.publicKey));
  });

  test('comes with its key, which only the owner may read, in a folder of the owner', () => {
    assert.ok(leaf().checkPrivateKey(createPrivateKey(readFileSync(result.outputs['private-key'] ?? ''))));
    for (const file of [result.outputs['private-key'], result.outputs['account-key']]) {
      assert.equal(statSync(file ?? '').mode & 0o777, 0o600);
    }
    assert.equal(statSync(result.outputs.directory ?? '').mode & 0o777, 0o700);
  });

  test('is described by the outputs', () => {
    const { outputs } = result;
    const certificate = leaf();
    assert.equal(outputs.renewed, 'true');
    assert.equal(outputs.serial, certificate.serialNumber);
    assert.equal(outputs.fingerprint, certificate.fingerprint256.replaceAll(':', '').toLowerCase());
    assert.equal(Date.parse(outputs['not-after'] ?? ''), Date.parse(certificate.validTo));
    assert.equal(path.basename(outputs.fullchain ?? ''), 'fullchain.pem');
    assert.match(outputs['account-url'] ?? '', /^https:\/\/127\.0\.0\.1:\d+\/my-account\//);
    assert.equal(outputs.pfx, '');
  });

  test('is shown in the job summary, with a chart of where the time went', () => {
    assert.match(result.summary, /\| Names \| `shop\.example`<br>`\*\.shop\.example`/);
    assert.match(result.summary, /```mermaid\ngantt\n/);
  });

  test('leaves no record behind', async () => {
    assert.deepEqual(await ca.dns.txt('_acme-challenge.shop.example'), []);
  });

  test('shows no key in the log', () => {
    const key = readFileSync(result.outputs['private-key'] ?? '', 'utf8').split('\n');
    for (const line of key.filter((text) => text !== '' && !text.startsWith('-----'))) {
      assert.ok(result.masks.includes(line));
      assert.ok(!result.log.includes(line));
    }
  });

  for (const [keyType, algorithm, size] of [
    ['ec384', 'ec', 'secp384r1'],
    ['rsa2048', 'rsa', 2048],
    ['rsa3072', 'rsa', 3072],
  ] as const) {
    test(`has a key of the type ${keyType} when asked for`, async () => {
      const { outputs } = await ca.run({ domains: 'key.example', 'key-type': keyType });
      const { publicKey } = new X509Certificate(readFileSync(outputs.certificate ?? ''));
      const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
      assert.deepEqual([publicKey.asymmetricKeyType, namedCurve ?? modulusLength], [algorithm, size]);
    });
  }

  test('is handed to the deploy program, whose failure keeps the files', async () => {
    const failed = await ca.run({ domains: 'deploy.example', 'deploy-path': script('failing.sh') });
    assert.equal(failed.exitCode, 1);
    assert.match(
      failed.annotations.at(-1)?.message ?? '',
      /failed \(exit code 3\)\. The certificate and its key are in /,
    );
    assert.ok(readFileSync(failed.outputs.fullchain ?? '', 'utf8').includes('BEGIN CERTIFICATE'));
  });

  test('keeps the files of the run before whole when the order fails', async () => {
    const output = { 'output-dir': 'tls' };
    const first = await ca.run({ domains: 'keep.example', ...output });
    const earlier = readFileSync(first.outputs.fullchain ?? '', 'utf8');
    const failed = await ca.run(
      { domains: 'keep.example', ...output, 'exec-path': script('failing.sh') },
      { workspace: first.workspace },
    );
    assert.equal(failed.exitCode, 1);
    assert.equal(readFileSync(first.outputs.fullchain ?? '', 'utf8'), earlier);
  });
});

describe('On real name servers', { skip: skipUnless('named', 'nsupdate', 'port 53') }, () => {
  async function withZone(
    use: (zone: { resolver: string; env: Record<string, string> }) => Promise<void>,
  ): Promise<void> {
    const address = await freeAddress();
    const bind = await startBind({ address, zones: [{ name: 'real.test' }] });
    const resolver = await startResolver({
      zones: [{ name: 'real.test', servers: [{ name: 'ns.real.test', addresses: [address] }] }],
    });
    try {
      await use({ resolver: resolver.server, env: { DNS_SERVER: address } });
    } finally {
      await resolver.stop();
      await bind.stop();
    }
  }

  test('a CA that rejects nonces and delays validation at random issues', () =>
    withZone(async ({ resolver, env }) => {
      const pebble = await startPebble({ dnsServer: resolver });
      try {
        const result = await runAction({
          inputs: {
            domains: 'real.test *.real.test www.real.test',
            'agree-tos': 'true',
            server: pebble.directoryUrl,
            'ca-certificates': readFileSync(pebble.rootCertificate, 'utf8'),
            'exec-path': script('nsupdate.sh'),
            'dns-resolvers': resolver,
          },
          env,
        });
        assert.equal(result.exitCode, 0, result.stdout);
      } finally {
        await pebble.stop();
      }
    }));

  test('step-ca issues as well', () =>
    withZone(async ({ resolver, env }) => {
      const ca = await startStepCa({ resolver });
      try {
        const result = await runAction({
          inputs: {
            domains: 'real.test *.real.test',
            'agree-tos': 'true',
            server: ca.directoryUrl,
            'ca-certificates': ca.rootCertificate,
            'exec-path': script('nsupdate.sh'),
            'dns-resolvers': resolver,
          },
          env,
        });
        assert.equal(result.exitCode, 0, result.stdout);
        const leaf = new X509Certificate(readFileSync(result.outputs.certificate ?? ''));
        assert.match(leaf.subjectAltName ?? '', /DNS:\*\.real\.test/);
      } finally {
        await ca.stop();
      }
    }));
});
