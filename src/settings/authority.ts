import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { codeOf } from '../failure.ts';
import type { Problems } from './problem.ts';

/** Directory URLs by short name. */
export const presets: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
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
export function parseRoots(text: string, workspace: string, problems: Problems): string[] {
  if (text === '') {
    return [];
  }
  const isText = text.includes('-----BEGIN');
  const file = path.resolve(workspace, text);
  const read = isText ? '(text)' : text;
  if (!isText && !existsSync(file)) {
    problems.add('ca-certificates', text, `is neither PEM text nor a file: there is no ${file}.`);
    return [];
  }
  let pem: string;
  try {
    pem = isText ? text : readFileSync(file, 'utf8');
  } catch (error) {
    problems.add('ca-certificates', read, `cannot be read (${codeOf(error)}).`);
    return [];
  }
  const roots = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (roots.length === 0) {
    problems.add('ca-certificates', read, 'holds no PEM certificate ("-----BEGIN CERTIFICATE-----").');
  }
  for (const [index, root] of roots.entries()) {
    try {
      new X509Certificate(root);
    } catch {
      problems.add('ca-certificates', read, `holds a certificate that cannot be read, number ${index + 1}.`);
    }
  }
  return [...roots];
}
