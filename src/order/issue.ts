import type { KeyObject } from 'node:crypto';
import { jwkThumbprint } from '../acme/account.ts';
import {
  type Authorization,
  authorizationFailure,
  deactivateAuthorization,
  readAuthorization,
} from '../acme/authorization.ts';
import { downloadCertificate } from '../acme/certificate.ts';
import { dnsChallenge } from '../acme/challenge.ts';
import { createOrder, finalizeOrder, type Order, orderFailure, waitUntilValidated } from '../acme/order.ts';
import type { AcmeSession } from '../acme/session.ts';
import { createCsr } from '../certificate/csr.ts';
import { keyToPem } from '../certificate/key.ts';
import { Cancelled, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import { inParallel } from '../parallel.ts';
import type { Timeline } from '../timeline.ts';
import type { DnsSolver } from './dns-solver.ts';

/** What is ordered, and with what. */
export interface CertificateRequest {
  domains: readonly string[];
  /** May still be in the making while the CA and the script work. */
  key: Promise<KeyObject>;
  /** Told the key before the CA can issue for it, so that it is never lost. */
  keepKey: (pem: string) => void;
}

/** Who takes part in an order. */
export interface OrderParties {
  session: AcmeSession;
  solver: DnsSolver;
  log: Log;
  timeline: Timeline;
  /** Ends even the clean-up after a failure. */
  urgent: AbortSignal;
}

/** Readings and deactivations under way at once; the session's nonces narrow it further. */
const sideBySide = 32;
/** How long a failed order may take to be given up, in milliseconds. */
const giveUpTime = 10_000;

/**
 * One order from newOrder to the downloaded chain (RFC 8555 section 7.1). Records stay presented when it succeeds: the
 * caller cleans up once the certificate is safe.
 *
 * @returns PEM certificates, the issued one first
 * @throws Failure of whatever stopped it, after the clean-up and the deactivation of pending authorizations
 */
export async function issueCertificate(
  request: CertificateRequest,
  parties: OrderParties,
): Promise<string[]> {
  const { session, timeline } = parties;
  const order = await timeline.measure('CA', 'Order', () => createOrder(session, request.domains));
  const pending = new PendingAuthorizations(session);
  try {
    const ready =
      order.object.status === 'pending' ? await authorize(order, request, parties, pending) : order;
    if (ready.object.status === 'invalid') {
      throw await explainInvalidOrder(ready, session, pending);
    }
    const pem = keyToPem(await request.key);
    request.keepKey(pem);
    const csr = await createCsr(request.domains, pem);
    return await timeline.measure('CA', 'Issue', async () =>
      downloadCertificate(session, await finalizeOrder(session, ready, csr)),
    );
  } catch (error) {
    const wasCancelled = error instanceof Cancelled;
    await Promise.all([parties.solver.cleanUp(parties.urgent), pending.giveUp(parties.log, wasCancelled)]);
    throw error;
  }
}

async function authorize(
  order: Order,
  request: CertificateRequest,
  { session, solver, log, timeline }: OrderParties,
  pending: PendingAuthorizations,
): Promise<Order> {
  solver.prepare(request.domains);
  const authorizations = await timeline.measure('CA', 'Read authorizations', () =>
    inParallel(sideBySide, order.object.authorizations, (url) => readAuthorization(session, url)),
  );
  const failed = authorizations.filter(({ object }) => !['pending', 'valid'].includes(object.status));
  pending.add(authorizations);
  if (failed.length > 0) {
    throw authorizationFailure(failed);
  }
  const toProve = inOrderOf(
    request.domains,
    authorizations.filter(({ object }) => object.status === 'pending'),
  );
  if (toProve.length < authorizations.length) {
    log.info(
      `${authorizations.length - toProve.length} of ${authorizations.length} names are still authorized.`,
    );
  }
  const thumbprint = jwkThumbprint(session.accountJwk);
  await solver.solve(
    session,
    toProve.map((authorization) => dnsChallenge(authorization, thumbprint)),
  );
  return await timeline.measure('CA', 'Validate', () => waitUntilValidated(session, order));
}

/** The CA shuffles authorizations; scripts are called in the order of the names. */
function inOrderOf(domains: readonly string[], authorizations: readonly Authorization[]): Authorization[] {
  const rank = new Map(domains.map((domain, index) => [domain, index]));
  const rankOf = ({ orderedName }: Authorization): number => rank.get(orderedName) ?? domains.length;
  return [...authorizations].sort((a, b) => rankOf(a) - rankOf(b));
}

/** An invalid order says little of its own; the authorizations say which name failed and why. */
async function explainInvalidOrder(
  order: Order,
  session: AcmeSession,
  pending: PendingAuthorizations,
): Promise<Error> {
  const authorizations = await inParallel(sideBySide, order.object.authorizations, (url) =>
    readAuthorization(session, url),
  );
  pending.replace(authorizations);
  const failed = authorizations.filter(({ object }) => object.status === 'invalid');
  return failed.length > 0 ? authorizationFailure(failed) : orderFailure(order);
}

/** The authorizations of an order that the CA still waits for. */
class PendingAuthorizations {
  readonly #session: AcmeSession;
  #pending: Authorization[] = [];

  constructor(session: AcmeSession) {
    this.#session = session;
  }

  add(authorizations: readonly Authorization[]): void {
    this.#pending.push(...authorizations.filter(({ object }) => object.status === 'pending'));
  }

  replace(authorizations: readonly Authorization[]): void {
    this.#pending = [];
    this.add(authorizations);
  }

  /** Deactivates them, so that they do not count against the CA's limits. Never throws. */
  async giveUp(log: Log, wasCancelled: boolean): Promise<void> {
    this.#session.endWith(AbortSignal.timeout(wasCancelled ? giveUpTime / 4 : giveUpTime));
    try {
      await inParallel(sideBySide, this.#pending, ({ url }) => deactivateAuthorization(this.#session, url));
      if (this.#pending.length > 0) {
        log.info(`${this.#pending.length} pending authorizations were deactivated.`);
      }
    } catch (error) {
      log.debug(`Pending authorizations could not all be deactivated: ${messageOf(error)}`);
    }
  }
}
