import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateIdentity } from 'age-encryption';
import { temporaryFolder } from '../rig/folder.ts';
import { type InstantAuthority, startInstantAuthority } from '../rig/instant-authority.ts';
import { type ActionResult, runAction } from '../rig/runner.ts';

describe('The revoke action', () => {
  let ca: InstantAuthority;
  before(async () => {
    ca = await startInstantAuthority();
  });
  after(() => ca.stop());

  function revoke(inputs: Record<string, string>, workspace?: string): Promise<ActionResult> {
    const { directoryUrl, rootCertificate } = ca.proxy;
    return runAction({
      action: 'revoke',
      inputs: { server: directoryUrl, 'ca-certificates': rootCertificate, ...inputs },
      ...(workspace !== undefined && { workspace }),
    });
  }

  test('revokes with the account key, for a reason by name', async () => {
    const { outputs } = await ca.run({ domains: 'gone.example' });
    const accountKey = readFileSync(outputs['account-key'] ?? '', 'utf8');
    const result = await revoke({
      certificate: outputs.certificate ?? '',
      'account-key': accountKey,
      reason: 'superseded',
    });
    assert.equal(result.exitCode, 0, result.stdout);
    const status = await ca.pebble.certificateStatus(outputs.serial ?? '');
    assert.deepEqual([status.Status, status.Reason], ['Revoked', 4]);
  });

  test("revokes with the certificate's own key, for a reason by number", async () => {
    const { outputs } = await ca.run({ domains: 'gone.example' });
    const result = await revoke({
      certificate: readFileSync(outputs.fullchain ?? '', 'utf8'),
      'private-key': outputs['private-key'] ?? '',
      reason: '1',
    });
    assert.equal(result.exitCode, 0, result.stdout);
    const status = await ca.pebble.certificateStatus(outputs.serial ?? '');
    assert.deepEqual([status.Status, status.Reason], ['Revoked', 1]);
  });

  test('takes a certificate that was revoked before as a success', async () => {
    const { outputs } = await ca.run({ domains: 'gone.example' });
    const inputs = { certificate: outputs.certificate ?? '', 'private-key': outputs['private-key'] ?? '' };
    await revoke(inputs);
    const result = await revoke(inputs);
    assert.equal(result.exitCode, 0, result.stdout);
    assert.equal(result.annotations[0]?.title, 'Already revoked');
  });

  test("marks the store's certificate, so that the next run orders anew", async () => {
    const workspace = temporaryFolder('revoke');
    const store = { store: 'store', 'store-key': await generateIdentity() };
    await ca.run({ domains: 'gone.example', ...store }, { workspace });
    const revoked = await revoke({ name: 'gone.example', ...store }, workspace);
    assert.equal(revoked.exitCode, 0, revoked.stdout);
    const meta = path.join(workspace, 'store', 'certificates', 'gone.example', 'meta.json');
    assert.match(JSON.parse(readFileSync(meta, 'utf8')).revoked, /^\d{4}-/);
    const next = await ca.run({ domains: 'gone.example', ...store }, { workspace });
    assert.equal(next.outputs.reason, 'Due: it was revoked.');
  });

  test('tells all that is wrong with its inputs together, and sends nothing', async () => {
    const requests = ca.proxy.count();
    const result = await revoke({ certificate: 'none.pem', reason: 'boredom' });
    const message = result.annotations[0]?.message ?? '';
    assert.match(message, /certificate: "none\.pem" is neither PEM text nor a file/);
    assert.match(message, /reason: "boredom" is no reason .*keyCompromise \(1\)/);
    assert.match(message, /account-key: is required/);
    assert.equal(ca.proxy.count(), requests);
  });
});
