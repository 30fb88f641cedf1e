import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createServer, type Server } from 'node:tls';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { makeCertificate } from '../rig/made-certificates.ts';
import { freePort } from '../rig/ports.ts';

/** Serves a certificate on a free port. */
async function serve(cert: string, key: string): Promise<{ server: Server; at: string }> {
  const server = createServer({ cert, key });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, at: `tls://127.0.0.1:${port}` };
}

describe('A run that keeps no state but an account key', () => {
  let ca: InstantAuthority;
  let accountKey: string;
  let served: { server: Server; at: string };

  before(async () => {
    ca = await startInstantAuthority();
    const { outputs } = await ca.run({ domains: 'web.example' });
    accountKey = readFileSync(outputs['account-key'] ?? '', 'utf8');
    served = await serve(
      readFileSync(outputs.fullchain ?? '', 'utf8'),
      readFileSync(outputs['private-key'] ?? '', 'utf8'),
    );
  });
  after(async () => {
    served.server.close();
    await ca.stop();
  });

  test('orders nothing while the server serves a certificate that lasts', async () => {
    const orders = ca.proxy.count('new-order');
    const result = await ca.run({
      domains: 'web.example',
      'account-key': accountKey,
      'current-certificate': served.at,
    });
    assert.equal(result.outputs.renewed, 'false', result.stdout);
    assert.equal(ca.proxy.count('new-order'), orders);
    assert.equal(result.outputs.certificate, '');
  });

  test('asks the CA for its advice on the certificate that is served, in two requests', async () => {
    const earlier = ca.proxy.count();
    await ca.run({ domains: 'web.example', 'account-key': accountKey, 'current-certificate': served.at });
    const kinds = ca.proxy.requests.slice(earlier).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['directory', 'renewal-info']);
  });

  test('orders, with a warning, when the server cannot be reached', async () => {
    const port = await freePort();
    const result = await ca.run({
      domains: 'web.example',
      'account-key': accountKey,
      'current-certificate': `tls://127.0.0.1:${port}`,
    });
    assert.equal(result.outputs.renewed, 'true', result.stdout);
    const warning = result.annotations.find(({ title }) => title === 'The certificate in use cannot be read');
    assert.match(warning?.message ?? '', new RegExp(`127\\.0\\.0\\.1:${port} refused the connection`));
  });

  test('lets the certificate that expires first decide, of several servers', async () => {
    const old = await makeCertificate({ name: 'web.example', daysLeft: 2 });
    const second = await serve(old.certificatePem, old.keyPem);
    try {
      const result = await ca.run({
        domains: 'web.example',
        'account-key': accountKey,
        'current-certificate': `${served.at} ${second.at}`,
      });
      assert.equal(result.outputs.renewed, 'true', result.stdout);
    } finally {
      second.server.close();
    }
  });

  test('orders when the certificate that is served has expired', async () => {
    const expired = await makeCertificate({ name: 'web.example', daysLeft: -1 });
    const second = await serve(expired.certificatePem, expired.keyPem);
    try {
      const result = await ca.run({
        domains: 'web.example',
        'account-key': accountKey,
        'current-certificate': second.at,
      });
      assert.match(result.outputs.reason ?? '', /^Due: it expired on /);
    } finally {
      second.server.close();
    }
  });

  test('reads a certificate from a file as well', async () => {
    const { outputs } = await ca.run({ domains: 'file.example', 'account-key': accountKey });
    const result = await ca.run({
      domains: 'file.example',
      'account-key': accountKey,
      'current-certificate': outputs.certificate ?? '',
    });
    assert.equal(result.outputs.renewed, 'false', result.stdout);
    assert.equal(result.outputs.certificate, outputs.certificate);
  });

  test('tells with a failure how long the certificate in use still lasts', async () => {
    const result = await ca.run({
      domains: 'web.example',
      'account-key': accountKey,
      'current-certificate': served.at,
      force: 'true',
      profile: 'none-such',
    });
    assert.match(result.annotations.at(-1)?.message ?? '', /\(tls:\/\/[^)]+\) is valid for \d+ more days\./);
  });
});
