import { Failure } from '../failure.ts';
import { pollUntil } from './poll.ts';
import { AcmeProblem, describeProblem, parseProblem } from './problem.ts';
import type { AcmeAnswer, AcmeSession } from './session.ts';

/** An order object (RFC 8555 section 7.1.3). */
export interface OrderObject {
  status: 'pending' | 'ready' | 'processing' | 'valid' | 'invalid';
  identifiers: { type: string; value: string }[];
  authorizations: string[];
  finalize: string;
  certificate?: string;
  error?: unknown;
}

/** An order and where it is read. */
export interface Order {
  url: string;
  object: OrderObject;
}

/** Longest wait for a CA to validate, or to issue, in milliseconds. */
const longestWait = 300_000;

/** What is ordered. */
export interface NewOrder {
  domains: readonly string[];
  /** One of the CA's profiles. */
  profile: string | undefined;
  /** The renewal id of the certificate that this one replaces (RFC 9773 section 5). */
  replaces: string | undefined;
}

/**
 * Orders a certificate for DNS names (RFC 8555 section 7.4). An order that the CA refuses while it names a certificate to
 * replace is sent again without.
 *
 * @throws AcmeProblem when the CA refuses; its subproblems name the names
 * @throws Failure when the CA does not offer the profile
 */
export async function createOrder(session: AcmeSession, order: NewOrder): Promise<Order> {
  await checkProfile(session, order.profile);
  const { renewalInfo } = await session.directory();
  if (order.replaces === undefined || renewalInfo === undefined) {
    return await sendOrder(session, { ...order, replaces: undefined }, {});
  }
  try {
    return await sendOrder(session, order, { retryServerErrors: false });
  } catch (error) {
    // Pebble refuses with 500, 409, 403 or 400; whatever the reason, an order without it may pass.
    if (!(error instanceof AcmeProblem) || error.status === 429) {
      throw error;
    }
    session.log.info(`The CA does not take the order as a replacement (${error.type}); it is sent without.`);
    return await sendOrder(session, { ...order, replaces: undefined }, {});
  }
}

async function sendOrder(
  session: AcmeSession,
  { domains, profile, replaces }: NewOrder,
  options: { retryServerErrors?: boolean },
): Promise<Order> {
  const answer = await session.post<OrderObject>(
    { resource: 'newOrder' },
    `The order for ${nameList(domains)}`,
    {
      identifiers: domains.map((value) => ({ type: 'dns', value })),
      ...(profile !== undefined && { profile }),
      ...(replaces !== undefined && { replaces }),
    },
    options,
  );
  if (answer.location === undefined) {
    throw new Failure(
      'The CA gave no order URL',
      'The answer to newOrder has no Location header.',
      'The CA does not follow RFC 8555 section 7.4; report it there.',
    );
  }
  return { url: answer.location, object: answer.body };
}

async function checkProfile(session: AcmeSession, profile: string | undefined): Promise<void> {
  const offered = Object.keys((await session.directory()).meta?.profiles ?? {});
  if (profile !== undefined && !offered.includes(profile)) {
    throw new Failure(
      'The CA does not offer this profile',
      `profile: "${profile}" is not offered by ${session.directoryUrl}, which offers ${offered.length === 0 ? 'no profiles' : offered.join(', ')}.`,
      'Choose one of these, or leave profile out.',
    );
  }
}

/**
 * Reads an order until it leaves `pending`: all its authorizations are valid, or one has failed.
 *
 * @throws Failure when that takes too long
 */
export async function waitUntilValidated(session: AcmeSession, order: Order): Promise<Order> {
  return await waitWhile(session, order, ['pending'], 'validate the names');
}

/**
 * Sends the CSR of a ready order and waits for the certificate (RFC 8555 section 7.4).
 *
 * @param csr DER
 * @returns the URL of the certificate
 * @throws AcmeProblem when the CA refuses the request; Failure when the order fails or takes too long
 */
export async function finalizeOrder(session: AcmeSession, order: Order, csr: Buffer): Promise<string> {
  const purpose = `The certificate request for ${nameList(identifiersOf(order))}`;
  let current: Order = order;
  try {
    const answer = await session.post<OrderObject>({ url: order.object.finalize }, purpose, {
      csr: csr.toString('base64url'),
    });
    current = { ...order, object: answer.body };
  } catch (error) {
    // A request whose answer was lost may have been carried out: the order itself tells.
    if (!(error instanceof AcmeProblem) || error.type !== 'orderNotReady') {
      throw error;
    }
    current = await readOrder(session, order);
    if (current.object.status !== 'processing' && current.object.status !== 'valid') {
      throw error;
    }
  }
  const issued = await waitWhile(session, current, ['processing', 'ready'], 'issue the certificate');
  if (issued.object.status !== 'valid' || issued.object.certificate === undefined) {
    throw orderFailure(issued);
  }
  return issued.object.certificate;
}

/** An order that the CA has given up, with what it says of it. */
export function orderFailure({ object }: Order): Failure {
  const problem = parseProblem(object.error);
  return new Failure(
    'The CA did not issue the certificate',
    `The order for ${nameList(object.identifiers.map(({ value }) => value))} became ${object.status}: ${problem === undefined ? 'the CA gives no reason' : describeProblem(problem)}`,
    'Mend what the CA names, then run again.',
  );
}

/** Names in a sentence; of many, the first few and a count. */
export function nameList(names: readonly string[]): string {
  return names.length > 4
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more names`
    : names.join(', ');
}

function identifiersOf(order: Order): string[] {
  return order.object.identifiers.map(({ value }) => value);
}

async function readOrder(session: AcmeSession, order: Order): Promise<Order> {
  const answer = await readOrderAnswer(session, order);
  return { ...order, object: answer.body };
}

function readOrderAnswer(session: AcmeSession, order: Order): Promise<AcmeAnswer<OrderObject>> {
  return session.post<OrderObject>({ url: order.url }, `The order for ${nameList(identifiersOf(order))}`);
}

async function waitWhile(
  session: AcmeSession,
  order: Order,
  statuses: readonly OrderObject['status'][],
  task: string,
): Promise<Order> {
  if (!statuses.includes(order.object.status)) {
    return order;
  }
  const body = await pollUntil(
    () => readOrderAnswer(session, order),
    ({ status }) => !statuses.includes(status),
    { longestWait, signal: session.signal },
  );
  if (body === undefined) {
    throw new Failure(
      'The CA takes too long',
      `The CA did not ${task} within ${longestWait / 1000} s: ${nameList(identifiersOf(order))}.`,
      'Run again later; the order may be finished by then and its authorizations are reused.',
    );
  }
  return { ...order, object: body };
}
