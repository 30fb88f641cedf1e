import { X509Certificate } from 'node:crypto';
import type { Problems } from './problem.ts';
import { readTextOrFile } from './text-or-file.ts';

/** Directory URLs by lego's short codes (lego 5.6). */
export const presets: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
  actalis: 'https://acme-api.actalis.com/acme/directory',
  digicert: 'https://one.digicert.com/mpki/api/v1/acme/v2/directory',
  freessl: 'https://acmepro.freessl.cn/v2/DV',
  globalsign: 'https://emea.acme.atlas.globalsign.com/directory',
  googletrust: 'https://dv.acme-v02.api.pki.goog/directory',
  'googletrust-staging': 'https://dv.acme-v02.test-api.pki.goog/directory',
  litessl: 'https://acme.litessl.com/acme/v2/directory',
  peeringhub: 'https://stica.peeringhub.io/acme',
  sectigo: 'https://acme.sectigo.com/v2/DV',
  sectigoev: 'https://acme.sectigo.com/v2/EV',
  sectigoov: 'https://acme.sectigo.com/v2/OV',
  sslcomecc: 'https://acme.ssl.com/sslcom-dv-ecc',
  sslcomrsa: 'https://acme.ssl.com/sslcom-dv-rsa',
  zerossl: 'https://acme.zerossl.com/v2/DV90',
};

/** The CA's directory URL: a preset's, or the URL itself. */
export function parseServer(text: string, problems: Problems): string {
  const written = text === '' ? 'letsencrypt' : text;
  const preset = presets[written.toLowerCase()];
  if (preset !== undefined) {
    return preset;
  }
  if (!URL.canParse(written)) {
    problems.add(
      'server',
      written,
      `is neither a preset (${Object.keys(presets).join(', ')}) nor the URL of an ACME directory.`,
    );
  } else if (new URL(written).protocol !== 'https:') {
    problems.add(
      'server',
      written,
      'is no https:// URL; ACME is spoken over TLS only (RFC 8555 section 6.1).',
    );
  }
  return written;
}

/**
 * The roots of a private CA, from PEM text or a file with it.
 *
 * @returns each certificate as PEM
 */
export function parseRoots(given: string, workspace: string, problems: Problems): string[] {
  const isText = (text: string): boolean => text.includes('-----BEGIN');
  const read = readTextOrFile('ca-certificates', given, workspace, isText, problems);
  if (read === undefined) {
    return [];
  }
  const roots = read.text.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (roots.length === 0) {
    problems.add('ca-certificates', read.shown, 'holds no PEM certificate ("-----BEGIN CERTIFICATE-----").');
  }
  for (const [index, root] of roots.entries()) {
    try {
      new X509Certificate(root);
    } catch {
      problems.add(
        'ca-certificates',
        read.shown,
        `holds a certificate that cannot be read, number ${index + 1}.`,
      );
    }
  }
  return [...roots];
}
