import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseRoots, parseServer, presets } from '../../../src/settings/authority.ts';
import { temporaryFolder } from '../../rig/folder.ts';
import { makeCertificate } from '../fixtures/certificate.ts';
import { accepted, problemsOf } from '../fixtures/problems.ts';

const server = (text: string): string => accepted((problems) => parseServer(text, problems));

describe('server', () => {
  it('is Let’s Encrypt when nothing is given', () => {
    assert.equal(server(''), 'https://acme-v02.api.letsencrypt.org/directory');
  });

  it('is a preset by its name in any case', () => {
    assert.equal(server('LetsEncrypt-Staging'), 'https://acme-staging-v02.api.letsencrypt.org/directory');
  });

  it('is a directory URL as written', () => {
    assert.equal(server('https://ca.example:9000/acme/Dir'), 'https://ca.example:9000/acme/Dir');
  });

  it('that is neither is told with the presets', () => {
    assert.deepEqual(
      problemsOf((problems) => parseServer('letsencript', problems)),
      [
        `server: "letsencript" is neither a preset (${Object.keys(presets).join(', ')}) nor the URL of an ACME directory.`,
      ],
    );
  });

  it('is never spoken to without TLS', () => {
    assert.deepEqual(
      problemsOf((problems) => parseServer('http://ca.example/dir', problems)),
      [
        'server: "http://ca.example/dir" is no https:// URL; ACME is spoken over TLS only (RFC 8555 section 6.1).',
      ],
    );
  });

  it('has presets that all are https URLs', () => {
    assert.deepEqual(
      Object.values(presets).filter((url) => new URL(url).protocol !== 'https:'),
      [],
    );
  });
});

describe('ca-certificates', async () => {
  const workspace = temporaryFolder('roots');
  const { pem } = await makeCertificate();

  it('is empty when nothing is given', () => {
    assert.deepEqual(
      accepted((problems) => parseRoots('', workspace, problems)),
      [],
    );
  });

  it('gives each certificate of a PEM text', () => {
    const roots = accepted((problems) => parseRoots(`${pem}\n# comment\n${pem}`, workspace, problems));
    assert.deepEqual(roots, [pem.trim(), pem.trim()]);
  });

  it('gives the certificates of a file', () => {
    writeFileSync(path.join(workspace, 'roots.pem'), pem);
    assert.deepEqual(
      accepted((problems) => parseRoots('roots.pem', workspace, problems)),
      [pem.trim()],
    );
  });

  it('without any certificate is told', () => {
    writeFileSync(path.join(workspace, 'empty.pem'), 'nothing');
    assert.deepEqual(
      problemsOf((problems) => parseRoots('empty.pem', workspace, problems)),
      ['ca-certificates: "empty.pem" holds no PEM certificate ("-----BEGIN CERTIFICATE-----").'],
    );
  });

  it('with a damaged certificate is told with its number', () => {
    const damaged = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----';
    assert.deepEqual(
      problemsOf((problems) => parseRoots(`${pem}${damaged}`, workspace, problems)),
      ['ca-certificates: "(text)" holds a certificate that cannot be read, number 2.'],
    );
  });
});
