import { Agent } from 'node:https';
import acmeAxios from 'acme-client/src/axios.js';
import HttpClient from 'acme-client/src/http.js';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';
import { codeOf, Failure, messageOf } from '../failure.ts';
import type { Log } from '../log.ts';
import { delay } from '../parallel.ts';
import { userAgent } from '../version.ts';
import { NoncePool } from './nonces.ts';
import { AcmeProblem } from './problem.ts';
import { longestRetryAfter, parseRetryAfter, pauseBeforeRetry, type Refusal } from './retry.ts';
import { trustOptions } from './trust.ts';

/** How a CA is reached. */
export interface TransportOptions {
  directoryUrl: string;
  /** PEM (PKCS#8) of the account's key. */
  accountKey: string;
  externalAccountBinding?: { kid: string; hmacKey: string } | undefined;
  /** PEM of roots to trust beside the system's, for a private CA. */
  roots: readonly string[];
  /** Milliseconds until a request without an answer is given up. */
  requestTimeout: number;
  log: Log;
  signal: AbortSignal;
}

/** Signed requests side by side; each costs one request for its first nonce. */
const requestsAtOnce = 3;
/** No answer of a CA is larger than this, in octets. */
const largestAnswer = 4 * 1024 * 1024;

/**
 * acme-client's HTTP client with what it lacks: nonces that are reused, time-outs, bounded retries, proxies, errors that
 * keep what the CA said, and a count of the requests.
 */
export class Transport extends HttpClient {
  requests = 0;
  signal: AbortSignal;
  readonly #descriptions = new Map<string, RequestDescription>();
  readonly #options: TransportOptions;
  readonly #axios: AxiosInstance;
  readonly #agent: Agent;
  readonly #nonces: NoncePool;

  constructor(options: TransportOptions) {
    super(options.directoryUrl, options.accountKey, options.externalAccountBinding);
    this.maxBadNonceRetries = 10;
    this.signal = options.signal;
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: true,
      proxyEnv: process.env,
      ...trustOptions(options.roots),
    });
    this.#axios = acmeAxios.create({
      httpsAgent: this.#agent,
      proxy: false,
      validateStatus: null,
      maxContentLength: largestAnswer,
      headers: { 'User-Agent': userAgent },
    });
    this.#nonces = new NoncePool(requestsAtOnce, () => super.getNonce());
  }

  override getNonce(): Promise<string> {
    return this.#nonces.take();
  }

  /**
   * Tells what the next request to a URL is for: acme-client hands nothing through.
   *
   * @param retryServerErrors whether HTTP 5xx is worth a second try
   */
  describe(url: string, purpose: string, retryServerErrors = true): void {
    this.#descriptions.set(url, { purpose, retryServerErrors });
  }

  /** Takes the nonce of an answer that acme-client spends no further request on. */
  keepNonce(response: AxiosResponse): void {
    const nonce: unknown = response.headers['replay-nonce'];
    if (typeof nonce === 'string') {
      this.#nonces.give(nonce);
    }
  }

  /** Ends the connections. */
  close(): void {
    this.#agent.destroy();
  }

  /**
   * Sends one request, again where that helps.
   *
   * @throws AcmeProblem when the CA refuses it, except for badNonce, which acme-client answers itself
   * @throws Failure when no answer comes
   */
  override async request(
    url: string,
    method: string,
    options: AxiosRequestConfig = {},
  ): Promise<AxiosResponse> {
    const spendsNonce = method === 'post';
    try {
      const response = await this.#sendUntilAnswered(url, method, options);
      const nonce: unknown = response.headers['replay-nonce'];
      if (isBadNonce(response)) {
        if (typeof nonce !== 'string') {
          this.#nonces.lose();
        }
        return response;
      }
      if (spendsNonce) {
        typeof nonce === 'string' ? this.#nonces.give(nonce) : this.#nonces.lose();
      }
      if (response.status >= 400) {
        throw this.#problem(url, method, response);
      }
      return response;
    } catch (error) {
      if (spendsNonce && !(error instanceof AcmeProblem)) {
        this.#nonces.lose();
      }
      throw error;
    }
  }

  async #sendUntilAnswered(url: string, method: string, options: AxiosRequestConfig): Promise<AxiosResponse> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await this.#send(url, method, options);
      if (outcome.refusal === undefined) {
        return outcome.response;
      }
      const isFinal =
        outcome.refusal.kind === 'status' &&
        outcome.refusal.status >= 500 &&
        this.#descriptions.get(url)?.retryServerErrors === false;
      const pause = isFinal ? undefined : pauseBeforeRetry(attempt, outcome.refusal);
      if (pause === undefined) {
        if (outcome.response !== undefined) {
          return outcome.response;
        }
        throw unreachable(this.#purpose(url, method), url, outcome, this.#options.requestTimeout);
      }
      this.#options.log.info(
        `The CA ${describeRefusal(outcome.refusal)}; asking again in ${(pause / 1000).toFixed(1)} s (${method.toUpperCase()} ${url}).`,
      );
      await delay(pause, this.signal);
    }
  }

  async #send(url: string, method: string, options: AxiosRequestConfig): Promise<Outcome> {
    const { log, requestTimeout } = this.#options;
    const { signal } = this;
    const timeUp = AbortSignal.timeout(requestTimeout);
    const started = performance.now();
    const took = (): string => `${Math.round(performance.now() - started)} ms`;
    const request = `${method.toUpperCase()} ${url}`;
    this.requests += 1;
    try {
      const response = await this.#axios.request({
        ...options,
        url,
        method,
        maxRedirects: method === 'post' ? 0 : 5,
        signal: AbortSignal.any([signal, timeUp]),
        headers: { ...options.headers, 'Content-Type': 'application/jose+json' },
      });
      log.debug(`${request} → ${response.status} in ${took()}`);
      if (response.status === 429 || response.status >= 500) {
        const retryAfter = parseRetryAfter(response.headers['retry-after'], Date.now());
        return { response, refusal: { kind: 'status', status: response.status, retryAfter } };
      }
      return { response, refusal: undefined };
    } catch (error) {
      signal.throwIfAborted();
      log.debug(`${request} → ${timeUp.aborted ? 'time-out' : codeOf(error)} after ${took()}`);
      const refusal: Refusal = timeUp.aborted
        ? { kind: 'time-out' }
        : { kind: 'network', code: codeOf(error) || messageOf(error) };
      return { response: undefined, refusal, error };
    }
  }

  #purpose(url: string, method: string): string {
    return this.#descriptions.get(url)?.purpose ?? `${method.toUpperCase()} ${url}`;
  }

  #problem(url: string, method: string, response: AxiosResponse): AcmeProblem {
    const retryAfter = parseRetryAfter(response.headers['retry-after'], Date.now());
    const note =
      retryAfter === undefined
        ? ''
        : `\nIt asks to come back in ${Math.ceil(retryAfter / 1000)} s (${new Date(Date.now() + retryAfter).toISOString()}); a run waits ${longestRetryAfter / 1000} s at most.`;
    return new AcmeProblem(this.#purpose(url, method), response.status, response.data, note);
  }
}

interface RequestDescription {
  /** In words that start an error message. */
  purpose: string;
  retryServerErrors: boolean;
}

type Outcome =
  | { response: AxiosResponse; refusal: undefined }
  | { response: AxiosResponse; refusal: Refusal }
  | { response: undefined; refusal: Refusal; error: unknown };

/** Whether the CA did not accept a nonce; acme-client then signs again with the nonce of this answer. */
export function isBadNonce(response: AxiosResponse): boolean {
  return response.status === 400 && response.data?.type === 'urn:ietf:params:acme:error:badNonce';
}

function describeRefusal(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'time-out':
      return 'does not answer';
    case 'network':
      return `cannot be reached (${refusal.code})`;
    case 'status':
      return `answered HTTP ${refusal.status}`;
  }
}

function unreachable(
  purpose: string,
  url: string,
  outcome: { refusal: Refusal; error?: unknown },
  requestTimeout: number,
): Failure {
  const { refusal, error } = outcome;
  const host = URL.canParse(url) ? new URL(url).host : url;
  if (refusal.kind === 'time-out') {
    return new Failure(
      'The CA does not answer',
      `${purpose}: ${host} gave no answer within ${requestTimeout / 1000} s.`,
      'Run again later; check that a firewall or proxy lets the runner reach the CA.',
      error,
    );
  }
  const code = refusal.kind === 'network' ? refusal.code : '';
  const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)/.test(code);
  return new Failure(
    untrusted ? "The CA's own certificate is not trusted" : 'The CA cannot be reached',
    `${purpose}: the connection to ${host} failed: ${messageOf(error)}${code === '' || messageOf(error).includes(code) ? '' : ` (${code})`}`,
    untrusted
      ? 'Give the roots of a private CA with ca-certificates.'
      : 'Check the server input and the network of the runner, then run again.',
    error,
  );
}
