import type { RunResult } from '../renew.ts';

/** The outputs of the action, as `action.yml` spells them; a test holds the two side by side. */
export const outputNames = [
  'renewed',
  'reason',
  'certificate',
  'chain',
  'fullchain',
  'private-key',
  'pfx',
  'account-key',
  'directory',
  'domains',
  'not-before',
  'not-after',
  'renew-at',
  'serial',
  'fingerprint',
  'issuer',
  'ari-id',
  'account-url',
] as const;

export type Outputs = Record<(typeof outputNames)[number], string>;

/** The outputs of a run. A path is empty when there is no such file. */
export function describeOutputs(result: RunResult): Outputs {
  const { description, paths } = result;
  return {
    renewed: String(result.renewed),
    reason: result.reason,
    certificate: paths.certificate ?? '',
    chain: paths.chain ?? '',
    fullchain: paths.fullchain ?? '',
    'private-key': paths.privateKey ?? '',
    pfx: paths.pfx ?? '',
    'account-key': paths.accountKey ?? '',
    directory: result.directory,
    domains: JSON.stringify(description.domains),
    'not-before': isoSeconds(description.notBefore),
    'not-after': isoSeconds(description.notAfter),
    'renew-at': isoSeconds(result.renewAt),
    serial: description.serial,
    fingerprint: description.fingerprint,
    issuer: description.issuer,
    'ari-id': description.renewalId ?? '',
    'account-url': result.accountUrl,
  };
}

/** ISO 8601 in UTC, to the second: `2026-11-23T08:00:00Z`. */
export function isoSeconds(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
