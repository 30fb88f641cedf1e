import { createHash } from 'node:crypto';
import type { RenewalWindow } from '../acme/renewal-info.ts';
import type { RenewBefore } from '../settings/renewal.ts';

/** The parts of a certificate that the time of renewal depends on. */
export interface Validity {
  notBefore: Date;
  notAfter: Date;
  fingerprint: string;
}

/** When to renew, and who says so. */
export interface RenewalTime {
  at: Date;
  source: "the CA's advice" | 'renew-before' | 'the lifetime';
}

const day = 86_400_000;
/** Below this lifetime half of it is left for faults, above a third. */
const shortLifetime = 10 * day;
/** Advice that leaves less than this share of the lifetime is not followed. */
const leastShareLeft = 1 / 20;

/**
 * The moment of renewal: the earlier of the CA's advice and `renew-before`; where there is neither, when a third of the
 * lifetime is left (half, below ten days). Advice that would let the certificate run out is not followed.
 */
export function renewalTime(
  certificate: Validity,
  window: RenewalWindow | undefined,
  renewBefore: RenewBefore | undefined,
): RenewalTime {
  const lifetime = certificate.notAfter.getTime() - certificate.notBefore.getTime();
  const before = (milliseconds: number): Date => new Date(certificate.notAfter.getTime() - milliseconds);
  const candidates: RenewalTime[] = [];
  const advised = window === undefined ? undefined : momentInWindow(window, certificate.fingerprint);
  if (advised !== undefined && advised <= before(lifetime * leastShareLeft)) {
    candidates.push({ at: advised, source: "the CA's advice" });
  }
  if (renewBefore !== undefined) {
    const left = renewBefore.kind === 'duration' ? renewBefore.milliseconds : lifetime * renewBefore.share;
    candidates.push({ at: before(left), source: 'renew-before' });
  }
  candidates.sort((a, b) => a.at.getTime() - b.at.getTime());
  return (
    candidates[0] ?? {
      at: before(lifetime / (lifetime < shortLifetime ? 2 : 3)),
      source: 'the lifetime',
    }
  );
}

/**
 * A moment in the window that every run agrees on, spread over certificates: drawn from the fingerprint
 * (RFC 9773 section 4.2 asks for a uniformly random one).
 */
export function momentInWindow({ start, end }: RenewalWindow, fingerprint: string): Date {
  const draw = createHash('sha256').update(fingerprint).digest().readUIntBE(0, 6) / 2 ** 48;
  return new Date(start.getTime() + (end.getTime() - start.getTime()) * draw);
}
