import type { RenewalWindow } from '../acme/renewal-info.ts';
import type { CertificateDescription } from '../certificate/description.ts';
import type { RenewBefore } from '../settings/renewal.ts';
import { type RenewalTime, renewalTime } from './renewal-time.ts';

/** What is known of a certificate beyond what stands in it; a store knows, a server does not. */
export interface Provenance {
  directoryUrl: string;
  profile: string | undefined;
  revoked: boolean;
  /** The base URL of the CA's renewal information. */
  renewalInfoUrl: string | undefined;
}

/** The certificate that is in use. */
export interface CurrentCertificate {
  /** Where it was found, in words: `the store`, `tls://example.com`. */
  source: string;
  /** Undefined when it cannot be read. */
  description: CertificateDescription | undefined;
  provenance: Provenance | undefined;
  /** Why it cannot be used: unreadable, damaged, or mixed up with another. */
  fault: string | undefined;
}

/** What the certificate should be like. */
export interface Wish {
  domains: readonly string[];
  /** Undefined with a CSR or a key of the user's own. */
  keyType: string | undefined;
  /** SHA-256 of the public key (SPKI) that the certificate must have; undefined: any. */
  publicKey: string | undefined;
  directoryUrl: string;
  profile: string | undefined;
}

/** When renewals happen. */
export interface RenewalRules {
  renewBefore: RenewBefore | undefined;
  /** Milliseconds until the next run. */
  checkInterval: number;
  force: boolean;
}

export interface Decision {
  due: boolean;
  /** One sentence. */
  reason: string;
  /** When it is, or will be, renewed; undefined when there is no certificate. */
  renewAt: Date | undefined;
}

/**
 * Whether a certificate must be ordered now, and why. Pure: the same certificate, rules and time give the same answer.
 */
export function decide(
  current: CurrentCertificate | undefined,
  wish: Wish,
  window: RenewalWindow | undefined,
  rules: RenewalRules,
  now: Date,
): Decision {
  if (current === undefined) {
    return { due: true, reason: 'There is no certificate yet.', renewAt: undefined };
  }
  const { description } = current;
  if (description === undefined) {
    return { due: true, reason: `Due: ${current.fault}.`, renewAt: undefined };
  }
  const time = renewalTime(description, window, rules.renewBefore);
  const changed = rules.force ? 'force is set' : changeOf(current, description, wish);
  if (changed !== undefined) {
    return { due: true, reason: `Due: ${changed}.`, renewAt: time.at };
  }
  if (description.notAfter <= now) {
    return { due: true, reason: `Due: it expired on ${iso(description.notAfter)}.`, renewAt: time.at };
  }
  const isDue = time.at.getTime() <= now.getTime() + rules.checkInterval;
  return { due: isDue, reason: timeReason(isDue, time, description, rules, now), renewAt: time.at };
}

function changeOf(
  { provenance, fault }: CurrentCertificate,
  description: CertificateDescription,
  wish: Wish,
): string | undefined {
  if (fault !== undefined) {
    return fault;
  }
  if (provenance?.revoked) {
    return 'it was revoked';
  }
  const added = wish.domains.filter((name) => !description.domains.includes(name));
  const dropped = description.domains.filter((name) => !wish.domains.includes(name));
  if (added.length + dropped.length > 0) {
    const changes = [...added.map((name) => `+${name}`), ...dropped.map((name) => `-${name}`)];
    return `the names changed (${changes.slice(0, 6).join(', ')}${changes.length > 6 ? ', …' : ''})`;
  }
  if (wish.publicKey !== undefined && wish.publicKey !== description.publicKey) {
    return 'it is for another key';
  }
  if (wish.keyType !== undefined && wish.keyType !== description.keyType) {
    return `the key type changed from ${description.keyType} to ${wish.keyType}`;
  }
  if (provenance !== undefined && provenance.directoryUrl !== wish.directoryUrl) {
    return `the CA changed from ${provenance.directoryUrl} to ${wish.directoryUrl}`;
  }
  if (provenance !== undefined && provenance.profile !== wish.profile) {
    return `the profile changed from ${provenance.profile ?? "the CA's default"} to ${wish.profile ?? "the CA's default"}`;
  }
  return undefined;
}

function timeReason(
  isDue: boolean,
  { at, source }: RenewalTime,
  { notAfter }: CertificateDescription,
  rules: RenewalRules,
  now: Date,
): string {
  if (!isDue) {
    return `Not due: valid until ${iso(notAfter)}, to be renewed from ${iso(at)} (${source}).`;
  }
  if (at <= now) {
    return `Due since ${iso(at)} (${source}); valid until ${iso(notAfter)}.`;
  }
  const hours = Math.round(rules.checkInterval / 360_000) / 10;
  return `Due at ${iso(at)} (${source}), before the next run in about ${hours} h; valid until ${iso(notAfter)}.`;
}

function iso(date: Date): string {
  return `${date.toISOString().slice(0, 16)}Z`;
}
