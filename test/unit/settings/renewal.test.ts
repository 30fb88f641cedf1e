import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type RenewalSettings, readRenewalSettings } from '../../../src/settings/renewal.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const workspace = temporaryFolder('renewal-settings');
const settings = (inputs: Record<string, string>): RenewalSettings =>
  accepted((problems) => readRenewalSettings((name) => inputs[name] ?? '', workspace, problems));
const faults = (inputs: Record<string, string>): string[] =>
  problemsOf((problems) => readRenewalSettings((name) => inputs[name] ?? '', workspace, problems));

const hour = 3_600_000;

describe('the time of renewal', () => {
  it('is left to the CA where nothing is said, for a workflow that runs daily', () => {
    assert.deepEqual(settings({}), {
      current: [],
      renewBefore: undefined,
      checkInterval: 24 * hour,
      force: false,
    });
  });

  for (const [text, milliseconds] of [
    ['30d', 720 * hour],
    ['12H', 12 * hour],
    ['90m', 1.5 * hour],
    ['1.5w', 252 * hour],
  ] as const) {
    it(`may be ${text} before the end`, () => {
      assert.deepEqual(settings({ 'renew-before': text }).renewBefore, { kind: 'duration', milliseconds });
    });
  }

  it('may be a share of the lifetime', () => {
    assert.deepEqual(settings({ 'renew-before': '12.5%' }).renewBefore, { kind: 'share', share: 0.125 });
  });

  for (const text of ['0%', '100%', '250%']) {
    it(`is no share of ${text}`, () => {
      assert.deepEqual(faults({ 'renew-before': text }), [
        `renew-before: "${text}" is no share of the lifetime; give more than 0% and less than 100%.`,
      ]);
    });
  }

  for (const text of ['30', '30 d', '30days', '-1d', '%']) {
    it(`is not "${text}"`, () => {
      assert.deepEqual(faults({ 'renew-before': text }), [
        `renew-before: "${text}" is no duration; write 30d, 12h or 90m, or 33%.`,
      ]);
    });
  }

  it('goes by how often the workflow runs', () => {
    assert.equal(settings({ 'check-interval': '7d' }).checkInterval, 168 * hour);
  });

  it('does not go by a share of anything for how often the workflow runs', () => {
    assert.deepEqual(faults({ 'check-interval': '33%' }), [
      'check-interval: "33%" is no duration; write 30d, 12h or 90m.',
    ]);
  });

  it('is now when it is forced', () => {
    assert.equal(settings({ force: 'true' }).force, true);
  });
});

describe('the certificate in use', () => {
  it('is in files and at servers', () => {
    const { current } = settings({ 'current-certificate': 'cert.pem tls://a.example' });
    assert.deepEqual(
      current.map((source) => (source.kind === 'file' ? source.file : source.written)),
      [path.join(workspace, 'cert.pem'), 'tls://a.example'],
    );
  });

  for (const text of ['ftp://a.example', 'no/such/folder/cert.pem', 'tls://']) {
    it(`is not at "${text}"`, () => {
      assert.deepEqual(faults({ 'current-certificate': text }), [
        `current-certificate: "${text}" is neither a PEM path nor a server; write tls://example.com[:443], smtp://, imap:// or postgres://.`,
      ]);
    });
  }
});
