import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseServedAt, type ServedAt } from '../tls/served-certificate.ts';
import { parseSwitch } from './numbers.ts';
import type { Problems } from './problem.ts';

/** Where the certificate in use is found. */
export type CurrentSource =
  | { kind: 'file'; file: string }
  | { kind: 'served'; written: string; at: ServedAt };

/** How long before its end a certificate is renewed. */
export type RenewBefore =
  | { kind: 'duration'; milliseconds: number }
  /** A share of the lifetime, 0 to 1. */
  | { kind: 'share'; share: number };

/** When a certificate is renewed. */
export interface RenewalSettings {
  /** Of several servers, the one whose certificate expires first decides. */
  current: CurrentSource[];
  /** Undefined: the CA's advice, else a share of the lifetime. */
  renewBefore: RenewBefore | undefined;
  /** Milliseconds until the workflow runs again. */
  checkInterval: number;
  force: boolean;
}

const units: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** The inputs `current-certificate`, `renew-before`, `check-interval` and `force`. */
export function readRenewalSettings(
  input: (name: string) => string,
  workspace: string,
  problems: Problems,
): RenewalSettings {
  return {
    current: parseCurrent(input('current-certificate'), workspace, problems),
    renewBefore: parseRenewBefore(input('renew-before'), problems),
    checkInterval: parseDuration('check-interval', input('check-interval') || '24h', problems) ?? 0,
    force: parseSwitch('force', input('force'), false, problems),
  };
}

function parseCurrent(text: string, workspace: string, problems: Problems): CurrentSource[] {
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .flatMap((written): CurrentSource[] => {
      const isUrl = written.includes('://');
      const at = isUrl ? parseServedAt(written) : undefined;
      if (at !== undefined) {
        return [{ kind: 'served', written, at }];
      }
      const file = path.resolve(workspace, written);
      if (isUrl || !existsSync(path.dirname(file))) {
        problems.add(
          'current-certificate',
          written,
          'is neither a PEM path nor a server; write tls://example.com[:443], smtp://, imap:// or postgres://.',
        );
        return [];
      }
      return [{ kind: 'file', file }];
    });
}

function parseRenewBefore(text: string, problems: Problems): RenewBefore | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (percent === null) {
    const milliseconds = text === '' ? undefined : parseDuration('renew-before', text, problems, ', or 33%');
    return milliseconds === undefined ? undefined : { kind: 'duration', milliseconds };
  }
  const share = Number(percent[1]) / 100;
  if (share <= 0 || share >= 1) {
    problems.add('renew-before', text, 'is no share of the lifetime; give more than 0% and less than 100%.');
  }
  return { kind: 'share', share };
}

/** A duration such as `30d` or `12h`, in milliseconds. */
function parseDuration(input: string, text: string, problems: Problems, more = ''): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([mhdw])$/i.exec(text);
  const unit = units[match?.[2]?.toLowerCase() ?? ''];
  if (match === null || unit === undefined) {
    problems.add(input, text, `is no duration; write 30d, 12h or 90m${more}.`);
    return undefined;
  }
  return Number(match[1]) * unit;
}
