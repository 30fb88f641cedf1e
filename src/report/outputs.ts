import { existsSync } from 'node:fs';
import type { CertificateFiles } from '../certificate/files.ts';
import type { ObtainedCertificate } from '../obtain.ts';

/** The outputs of the action, as `action.yml` spells them; a test holds the two side by side. */
export const outputNames = [
  'renewed',
  'reason',
  'certificate',
  'chain',
  'fullchain',
  'private-key',
  'account-key',
  'directory',
  'domains',
  'not-before',
  'not-after',
  'serial',
  'fingerprint',
  'issuer',
  'account-url',
] as const;

export type Outputs = Record<(typeof outputNames)[number], string>;

/** The outputs of a run that obtained a certificate. A path is empty when there is no such file. */
export function describeOutputs(obtained: ObtainedCertificate, reason: string): Outputs {
  const { description, files } = obtained;
  return {
    renewed: 'true',
    reason,
    certificate: pathIn(files, 'certificate'),
    chain: pathIn(files, 'chain'),
    fullchain: pathIn(files, 'fullchain'),
    'private-key': pathIn(files, 'privateKey'),
    'account-key': pathIn(files, 'accountKey'),
    directory: files.directory,
    domains: JSON.stringify(description.domains),
    'not-before': isoSeconds(description.notBefore),
    'not-after': isoSeconds(description.notAfter),
    serial: description.serial,
    fingerprint: description.fingerprint,
    issuer: description.issuer,
    'account-url': obtained.accountUrl,
  };
}

/** ISO 8601 in UTC, to the second: `2026-11-23T08:00:00Z`. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function pathIn(files: CertificateFiles, kind: Parameters<CertificateFiles['pathOf']>[0]): string {
  const file = files.pathOf(kind);
  return existsSync(file) ? file : '';
}
