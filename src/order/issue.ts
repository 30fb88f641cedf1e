import type { KeyObject } from 'node:crypto';
import {
  type Authorization,
  AuthorizationFailure,
  deactivateAuthorization,
  readAuthorization,
} from '../acme/authorization.ts';
import { downloadCertificate } from '../acme/certificate.ts';
import {
  createOrder,
  finalizeOrder,
  type NewOrder,
  type Order,
  orderFailure,
  waitUntilValidated,
} from '../acme/order.ts';
import type { AcmeSession } from '../acme/session.ts';
import { createCsr } from '../certificate/csr.ts';
import { keyToPem } from '../certificate/key.ts';
import { Cancelled, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import { inParallel } from '../parallel.ts';
import type { Timeline } from '../timeline.ts';
import type { Solver } from './solver.ts';

/** What is ordered, and with what. */
export interface CertificateRequest extends NewOrder {
  /** A key, which may still be in the making while the CA and the script work, or a request of the user's own (DER). */
  key: { privateKey: Promise<KeyObject> } | { csr: Buffer };
  preferredChain: string | undefined;
  /** Told the key before the CA can issue for it, so that it is never lost. */
  keepKey: (pem: string) => void;
}

/** Who takes part in an order. */
export interface OrderParties {
  session: AcmeSession;
  solver: Solver;
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
  const { session, solver, timeline } = parties;
  const order = await timeline.measure('CA', 'Order', () => createOrder(session, request));
  const pending = new PendingAuthorizations(session);
  try {
    const ready =
      order.object.status === 'pending' ? await authorize(order, request, parties, pending) : order;
    if (ready.object.status === 'invalid') {
      throw await explainInvalidOrder(ready, session, pending);
    }
    const csr = await signingRequest(request);
    const { certificates, offeredRoots } = await timeline.measure('CA', 'Issue', async () =>
      downloadCertificate(session, await finalizeOrder(session, ready, csr), request.preferredChain),
    );
    if (offeredRoots !== undefined) {
      parties.log.warning(
        'The preferred chain is not offered',
        `preferred-chain: the CA offers no chain to "${request.preferredChain}", but to ${offeredRoots.join(', ')}. Its default was taken.`,
      );
    }
    return certificates;
  } catch (error) {
    const explained = error instanceof AuthorizationFailure ? await solver.explain(error) : error;
    const wasCancelled = error instanceof Cancelled;
    await Promise.all([solver.cleanUp(parties.urgent), pending.giveUp(parties.log, wasCancelled)]);
    throw explained;
  }
}

async function signingRequest({ domains, key, keepKey }: CertificateRequest): Promise<Buffer> {
  if ('csr' in key) {
    return key.csr;
  }
  const pem = keyToPem(await key.privateKey);
  keepKey(pem);
  return await createCsr(domains, pem);
}

async function authorize(
  order: Order,
  request: CertificateRequest,
  { session, solver, log, timeline }: OrderParties,
  pending: PendingAuthorizations,
): Promise<Order> {
  solver.prepare(request.domains, (await session.directory()).meta?.caaIdentities ?? []);
  const authorizations = await timeline.measure('CA', 'Read authorizations', () =>
    inParallel(sideBySide, order.object.authorizations, (url) => readAuthorization(session, url)),
  );
  const failed = authorizations.filter(({ object }) => !['pending', 'valid'].includes(object.status));
  pending.add(authorizations);
  if (failed.length > 0) {
    throw new AuthorizationFailure(failed);
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
  await solver.solve(session, toProve);
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
  return failed.length > 0 ? new AuthorizationFailure(failed) : orderFailure(order);
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
