import { type RenewalInfo, readRenewalInfo } from '../acme/renewal-info.ts';
import { messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import type { AuthoritySettings } from '../settings/settings.ts';
import type { CurrentCertificate } from './decision.ts';

/** How long the CA may take to advise, in milliseconds. */
const adviceTimeout = 5000;

/** The CA's advice, as far as it gives any. */
export interface Advice {
  info: RenewalInfo | undefined;
  /** Requests sent. */
  requests: number;
}

/**
 * The CA's renewal information of the certificate in use (RFC 9773). It only ever advises: a CA without it, or one that
 * fails, lies or hangs, changes nothing.
 */
export async function askForAdvice(
  current: CurrentCertificate | undefined,
  { directoryUrl, roots }: AuthoritySettings,
  { log, signal }: { log: Log; signal: AbortSignal },
): Promise<Advice> {
  const renewalId = current?.description?.renewalId;
  const provenance = current?.provenance;
  const isForeign = provenance !== undefined && provenance.directoryUrl !== directoryUrl;
  if (renewalId === undefined || current?.fault !== undefined || isForeign) {
    return { info: undefined, requests: 0 };
  }
  const baseUrl = provenance?.renewalInfoUrl;
  if (provenance !== undefined && baseUrl === undefined) {
    return { info: undefined, requests: 0 };
  }
  try {
    const where = baseUrl === undefined ? { directoryUrl } : { baseUrl };
    const { info, requests } = await readRenewalInfo(where, renewalId, {
      roots,
      timeout: adviceTimeout,
      signal,
    });
    log.debug(`Renewal information: ${JSON.stringify(info ?? 'the CA has none')}`);
    return { info, requests };
  } catch (error) {
    signal.throwIfAborted();
    log.info(`The CA's renewal information cannot be had (${messageOf(error)}); the lifetime decides.`);
    return { info: undefined, requests: baseUrl === undefined ? 2 : 1 };
  }
}
