import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { delay } from '../parallel.ts';
import { describePropagation, propagationAdvice, type WatchedZone } from './propagation-table.ts';
import { describeFault, type NameServer } from './query.ts';
import type { RecordLocation } from './record-location.ts';
import { type CheckPace, type ExpectedRecord, ServerWatch } from './server-watch.ts';

export type PropagationCheck = 'authoritative' | 'recursive' | 'none';

/** How the wait for propagation goes. */
export interface PropagationPlan {
  check: PropagationCheck;
  pace: CheckPace;
  /** Seconds until the wait gives up. */
  timeout: number;
  /** Recursive resolvers, asked for values only where authoritative servers cannot be. */
  resolvers: NameServer;
}

/** A record that is waited for, and where it stands. */
export interface LocatedRecord {
  record: ExpectedRecord;
  location: RecordLocation;
}

/** A server that has not answered at all for this long is left out once the others show everything, in milliseconds. */
const patience = 10_000;

/**
 * Waits, for all records at once, until each authoritative server of their zones answers with every value.
 *
 * A server that gives no answer at all is left out, with a warning, once all others of its zone have the values: a CA's
 * resolver passes it by as well. Values that a later one replaced move to `overwritten` and are not waited for.
 *
 * @throws Failure on time-out, with a table of servers and what each answered
 */
export async function waitForPropagation(
  records: readonly LocatedRecord[],
  plan: PropagationPlan,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (plan.check === 'none' || records.length === 0) {
    return;
  }
  const zones = groupByZone(records, plan, log);
  const stop = new AbortController();
  const timeUp = AbortSignal.timeout(Math.round(plan.timeout * 1000));
  const ended = AbortSignal.any([signal, timeUp, stop.signal]);
  const waits = Promise.all(zones.map((zone) => waitForZone(zone, plan, log, ended)));
  try {
    await waits;
  } finally {
    stop.abort();
  }
  signal.throwIfAborted();
  const missing = zones.filter((zone) => !zone.complete);
  if (missing.length > 0) {
    throw new Failure(
      'The DNS record did not appear in time',
      `After ${plan.timeout} s the record is not at every server:\n${describePropagation(missing)}`,
      propagationAdvice(missing),
    );
  }
}

function groupByZone(records: readonly LocatedRecord[], plan: PropagationPlan, log: Log): WatchedZone[] {
  const zones = new Map<string, WatchedZone>();
  const faults = new Set<string>();
  for (const { record, location } of records) {
    const authoritative = plan.check === 'authoritative' && location.fault === undefined;
    if (plan.check === 'authoritative' && location.fault !== undefined) {
      faults.add(location.fault);
    }
    const zone = authoritative ? location.zone : undefined;
    const key = zone?.name ?? '';
    const watched = zones.get(key) ?? {
      name: zone?.name,
      servers: zone?.servers ?? [],
      records: [],
      watches: [],
      complete: false,
    };
    watched.records.push(record);
    zones.set(key, watched);
  }
  if (faults.size > 0) {
    const more = faults.size > 3 ? `; and so for ${faults.size - 3} more names` : '';
    sayFallback(log, [...faults].slice(0, 3).join('; ') + more);
  }
  return [...zones.values()];
}

function sayFallback(log: Log, fault: string): void {
  log.notice(
    'Propagation is checked at the recursive resolvers',
    `The authoritative servers cannot be asked: ${fault}. The resolvers are asked for the value instead; they may still remember an older answer.`,
  );
}

async function waitForZone(
  zone: WatchedZone,
  plan: PropagationPlan,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  if (zone.servers.length === 0) {
    await askResolvers(zone, plan, signal);
    return;
  }
  const stop = new AbortController();
  const ended = AbortSignal.any([signal, stop.signal]);
  zone.watches = zone.servers.map((server) => new ServerWatch(server, server.ask, zone.records));
  const runs = zone.watches.map((watch) => watch.run(plan.pace, ended));
  await Promise.race([Promise.all(runs), patienceEnds(plan.timeout, ended)]);
  const silent = zone.watches.filter(({ usable }) => !usable);
  if (silent.length === zone.watches.length && !signal.aborted) {
    stop.abort();
    sayFallback(log, `no name server of the zone ${zone.name} answers (${describeSilent(silent)})`);
    await askResolvers(zone, plan, signal);
    return;
  }
  await Promise.all(runs.filter((_, index) => zone.watches[index]?.usable));
  stop.abort();
  const answering = zone.watches.filter((watch) => !silent.includes(watch));
  zone.complete = answering.length > 0 && answering.every(({ missing }) => missing.length === 0);
  if (zone.complete && silent.length > 0) {
    log.warning(
      `A name server of ${zone.name} does not answer`,
      `${describeSilent(silent)}: left out of the propagation check, as all other servers of ${zone.name} have the record. Mend the server or its delegation.`,
    );
  }
}

async function askResolvers(zone: WatchedZone, plan: PropagationPlan, signal: AbortSignal): Promise<void> {
  const label = { host: 'recursive resolvers', address: plan.resolvers.servers.join(' ') };
  const watch = new ServerWatch(label, plan.resolvers, zone.records);
  zone.watches.push(watch);
  await watch.run(plan.pace, signal);
  zone.complete = watch.missing.length === 0;
}

function describeSilent(silent: readonly ServerWatch[]): string {
  return silent
    .map(({ label, lastAnswers }) => {
      const failed = [...lastAnswers.values()].find(({ kind }) => kind === 'failed');
      return `${label.host} ${label.address} ${describeFault(failed?.kind === 'failed' ? failed.code : 'ETIMEOUT')}`;
    })
    .join(', ');
}

async function patienceEnds(timeout: number, signal: AbortSignal): Promise<void> {
  await delay(Math.min(patience, (timeout * 1000) / 2), signal).catch(() => undefined);
}
