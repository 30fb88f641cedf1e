import { JsonReader, type JsonReaderOptions } from './json-reader.ts';

/** The CA's suggested window (RFC 9773 section 4.2). */
export interface RenewalWindow {
  start: Date;
  end: Date;
}

/** What a CA says of a certificate's renewal (RFC 9773 section 4.2). */
export interface RenewalInfo {
  window: RenewalWindow;
  /** Where the CA explains an unusual window. */
  explanationUrl: string | undefined;
}

/**
 * Asks a CA for its renewal information. Without a signature, so none of ACME's machinery is loaded.
 *
 * @param where the renewal information's base URL, or the directory to find it in
 * @param renewalId as RFC 9773 section 4.1 makes it
 * @returns the number of requests, the base URL for the next time, and the information; undefined where the CA has none
 * @throws Error when a request fails or the answer makes no sense
 */
export async function readRenewalInfo(
  where: { baseUrl: string } | { directoryUrl: string },
  renewalId: string,
  options: JsonReaderOptions,
): Promise<{ info: RenewalInfo | undefined; baseUrl: string | undefined; requests: number }> {
  const reader = new JsonReader(options);
  try {
    const known = 'baseUrl' in where;
    const baseUrl = known ? where.baseUrl : renewalInfoUrl(await reader.get(where.directoryUrl));
    if (baseUrl === undefined) {
      return { info: undefined, baseUrl, requests: 1 };
    }
    const answer = await reader.get(`${baseUrl.replace(/\/$/, '')}/${renewalId}`);
    return { info: parseRenewalInfo(answer), baseUrl, requests: known ? 1 : 2 };
  } finally {
    reader.close();
  }
}

/** @throws Error when the window is no window */
export function parseRenewalInfo(answer: unknown): RenewalInfo {
  const { suggestedWindow, explanationURL } = (answer ?? {}) as Record<string, unknown>;
  const { start, end } = (suggestedWindow ?? {}) as Record<string, unknown>;
  const window = { start: new Date(String(start)), end: new Date(String(end)) };
  if (!(window.start.getTime() < window.end.getTime())) {
    throw new Error('the suggested window does not start before it ends');
  }
  const isLink = typeof explanationURL === 'string' && /^https:\/\//.test(explanationURL);
  return { window, explanationUrl: isLink ? explanationURL : undefined };
}

function renewalInfoUrl(directory: unknown): string | undefined {
  const url = (directory as Record<string, unknown> | null)?.renewalInfo;
  return typeof url === 'string' ? url : undefined;
}
