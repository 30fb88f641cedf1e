import { Agent, get } from 'node:https';
import { userAgent } from '../version.ts';
import { trustOptions } from './trust.ts';

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

const largestAnswer = 256 * 1024;

/**
 * Asks a CA for its renewal information. Without a signature, so none of ACME's machinery is loaded.
 *
 * @param where the renewal information's base URL, or the directory to find it in
 * @param renewalId as RFC 9773 section 4.1 makes it
 * @param options `timeout` in milliseconds for both requests together
 * @returns the number of requests, the base URL for the next time, and the information; undefined where the CA has none
 * @throws Error when a request fails or the answer makes no sense
 */
export async function readRenewalInfo(
  where: { baseUrl: string } | { directoryUrl: string },
  renewalId: string,
  options: { roots: readonly string[]; timeout: number; signal: AbortSignal },
): Promise<{ info: RenewalInfo | undefined; baseUrl: string | undefined; requests: number }> {
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.timeout)]);
  const agent = new Agent({ keepAlive: true, proxyEnv: process.env, ...trustOptions(options.roots) });
  try {
    const known = 'baseUrl' in where;
    const baseUrl = known ? where.baseUrl : renewalInfoUrl(await getJson(where.directoryUrl, agent, signal));
    if (baseUrl === undefined) {
      return { info: undefined, baseUrl, requests: 1 };
    }
    const answer = await getJson(`${baseUrl.replace(/\/$/, '')}/${renewalId}`, agent, signal);
    return { info: parseRenewalInfo(answer), baseUrl, requests: known ? 1 : 2 };
  } finally {
    agent.destroy();
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

function getJson(url: string, agent: Agent, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, signal, headers: { 'User-Agent': userAgent } }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > largestAnswer) {
          request.destroy(new Error('the answer is too large'));
        }
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode !== 200) {
          reject(new Error(`HTTP ${response.statusCode}`));
          return;
        }
        try {
          resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        } catch {
          reject(new Error('the answer is no JSON'));
        }
      });
    });
    request.on('error', reject);
  });
}
