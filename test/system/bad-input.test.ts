import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import type { ActionResult } from '../rig/runner.ts';

describe('Wrong inputs', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  function message({ annotations }: ActionResult): string {
    return annotations.at(-1)?.message ?? '';
  }

  test('are all told together, each with what was read and what is right, before anything is sent', async () => {
    const requests = ca.proxy.count();
    const result = await ca.run({
      domains: 'good.example bad..example',
      'exec-path': './none.sh',
      'exec-mode': 'raaw',
      'exec-polling-interval': 'often',
      'propagation-check': 'maybe',
      'dns-resolvers': 'dns.example',
      'key-type': 'dsa',
      email: 'nobody',
      'account-key': 'not a key',
      'renew-before': 'soon',
      store: 'store',
    });
    assert.equal(result.exitCode, 1);
    assert.equal(result.annotations.at(-1)?.title, '11 inputs are wrong');
    for (const expected of [
      /^- domains: "bad\.\.example" has an empty label; remove the extra dot\.$/m,
      /^- exec-path: "\.\/none\.sh" is not there: nothing at .*none\.sh\./m,
      /^- exec-mode: "raaw" is not a mode; use RAW or none\.$/m,
      /^- exec-polling-interval: "often" is not a number of seconds from 0\.1 to 86400/m,
      /^- propagation-check: "maybe" is not one of: authoritative, recursive, none\.$/m,
      /^- dns-resolvers: "dns\.example" is not an IP address/m,
      /^- key-type: "dsa" is not one of: ec256, ec384/m,
      /^- email: "nobody" is not one e-mail address/m,
      /^- account-key: "\(not shown\)" is no private key/m,
      /^- renew-before: "soon" is no duration/m,
      /^- store-key: is missing: private keys are kept encrypted\. Make one with age-keygen/m,
    ]) {
      assert.match(message(result), expected);
    }
    assert.equal(ca.proxy.count(), requests);
  });

  test('leave the terms of service for last, with the address from the CA', async () => {
    const result = await ca.run({ domains: 'tos.example', 'agree-tos': 'false' });
    assert.match(
      message(result),
      /^agree-tos: must be true: read the CA's terms of service \(data:text\/plain,/,
    );
  });

  test('leave the terms of service without an address when the CA cannot be asked', async () => {
    const result = await ca.run({ domains: 'tos.example', 'agree-tos': '', 'ca-certificates': '' });
    assert.match(
      message(result),
      /^agree-tos: must be true: read the CA's terms of service, and set it if you agree\./,
    );
  });

  const names: [written: string, fault: RegExp][] = [
    [`${'x'.repeat(64)}.example`, /has a label of 64 octets; 63 are allowed\./],
    [
      `${'y'.repeat(60)}.`.repeat(4) + 'z'.repeat(10),
      /has 254 octets; with _acme-challenge\. in front, 237 are allowed\./,
    ],
    ['192.0.2.1', /is an IP address/],
    ['[2001:db8::1]', /is an IP address/],
    ['www.*.example', /has a wildcard that is not the whole first label/],
    ['a\u0001b.example', /contains a control character/],
    ['*', /is a wildcard of nothing/],
    ['https://www.example/', /is a URL or path/],
    ['under_score.example', /has the label "under_score"/],
  ];
  for (const [written, fault] of names) {
    test(`name what is wrong with the name ${JSON.stringify(written.slice(0, 40))}`, async () => {
      const result = await ca.run({ domains: written });
      assert.match(message(result), fault);
    });
  }

  test('say how to give a script its run bit', async () => {
    const workspace = temporaryFolder('input');
    writeFileSync(path.join(workspace, 'dns.sh'), '#!/bin/sh\n', { mode: 0o644 });
    const result = await ca.run({ domains: 'x.example', 'exec-path': './dns.sh' }, { workspace });
    assert.match(message(result), /has no run bit\. Mend it with: git update-index --chmod=\+x "dns\.sh"/);
  });

  test('say that a script is a folder', async () => {
    const workspace = temporaryFolder('input');
    mkdirSync(path.join(workspace, 'dns.sh'));
    const result = await ca.run({ domains: 'x.example', 'exec-path': './dns.sh' }, { workspace });
    assert.match(message(result), /exec-path: "\.\/dns\.sh" is a folder; name the program in it\./);
  });

  test('say that a script has Windows line endings', async () => {
    const workspace = temporaryFolder('input');
    writeFileSync(path.join(workspace, 'dns.sh'), '#!/bin/sh\r\necho\r\n');
    chmodSync(path.join(workspace, 'dns.sh'), 0o755);
    const result = await ca.run({ domains: 'x.example', 'exec-path': './dns.sh' }, { workspace });
    assert.match(message(result), /has Windows line endings/);
  });

  test('never show a secret, not even one in the wrong place', async () => {
    const secret = 'dHJ1c3Qtbm8tb25lLXdpdGgtdGhpcw';
    const result = await ca.run({
      domains: 'x.example',
      'account-key': secret,
      'private-key': `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
      'exec-env': secret,
      'eab-kid': 'kid',
      'eab-hmac-key': `!${secret}`,
      'store-key': 'short',
      store: 'store',
    });
    assert.equal(result.exitCode, 1);
    assert.ok(!result.log.includes(secret), result.log);
    assert.ok(!result.summary.includes(secret));
  });
});
