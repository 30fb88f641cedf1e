import type { AxiosResponse } from 'axios';
import { Failure } from '../failure.ts';
import type { Log } from '../log.ts';
import { AcmeProblem } from './problem.ts';
import { parseRetryAfter } from './retry.ts';
import { isBadNonce, Transport, type TransportOptions } from './transport.ts';

/** A CA's directory (RFC 8555 section 7.1.1). */
export interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  revokeCert?: string;
  keyChange?: string;
  /** RFC 9773 section 4. */
  renewalInfo?: string;
  meta?: {
    termsOfService?: string;
    website?: string;
    caaIdentities?: string[];
    externalAccountRequired?: boolean;
    profiles?: Record<string, string>;
  };
}

/** An answer of the CA, reduced to what RFC 8555 uses. */
export interface AcmeAnswer<T> {
  status: number;
  body: T;
  /** The Location header: the URL of a new account or order. */
  location: string | undefined;
  /** Milliseconds that the CA asks to wait. */
  retryAfter: number | undefined;
  /** The targets of the Link headers by relation. */
  links: { relation: string; url: string }[];
}

/** How a resource of the directory or any other URL is named. */
export type Target = { url: string } | { resource: 'newAccount' | 'newOrder' | 'revokeCert' };

export interface PostOptions {
  /**
   * Sign with the public key in the request instead of the account's URL (RFC 8555 section 6.2): for a new account, or
   * with a certificate's key.
   */
  signAs?: 'new account' | 'key';
  /** Whether HTTP 5xx is worth a second try; yes unless told. */
  retryServerErrors?: boolean;
}

/**
 * The conversation with one CA by one account key. Many orders may share it: the directory, the account and the nonces
 * are asked for once.
 */
export class AcmeSession {
  readonly directoryUrl: string;
  readonly log: Log;
  /** Set by the account's registration; all other requests are signed in its name. */
  accountUrl: string | undefined;
  readonly #transport: Transport;

  constructor(options: TransportOptions) {
    this.directoryUrl = options.directoryUrl;
    this.log = options.log;
    this.#transport = new Transport(options);
  }

  /** Ends requests and waits when aborted. */
  get signal(): AbortSignal {
    return this.#transport.signal;
  }

  /** From here on, another signal ends requests: for what is still owed to the CA when a run fails or is cancelled. */
  endWith(signal: AbortSignal): void {
    this.#transport.signal = signal;
  }

  /** How many requests were sent, retries included. */
  get requests(): number {
    return this.#transport.requests;
  }

  /** The public key of the account (RFC 7517). */
  get accountJwk(): Record<string, string> {
    return this.#transport.getJwk();
  }

  /**
   * The CA's directory, asked for once.
   *
   * @throws Failure when the URL gives something else
   */
  async directory(): Promise<Directory> {
    this.#transport.describe(this.directoryUrl, "The CA's directory");
    const directory = await this.#transport.getDirectory();
    const fields = ['newNonce', 'newAccount', 'newOrder'] as const;
    const missing = fields.filter(
      (field) => typeof (directory as Record<string, unknown> | null)?.[field] !== 'string',
    );
    if (missing.length > 0) {
      throw new Failure(
        'This is no ACME directory',
        `${this.directoryUrl} does not answer with an ACME directory: it has no ${missing.join(', ')}.`,
        'Check the server input: it takes the URL of the directory itself.',
      );
    }
    return directory as Directory;
  }

  /**
   * Sends a signed request.
   *
   * @param purpose what it is for, in words that start an error message
   * @param payload undefined reads a resource (POST-as-GET, RFC 8555 section 6.3)
   * @throws AcmeProblem when the CA refuses it; Failure when no answer comes
   */
  async post<T>(
    target: Target,
    purpose: string,
    payload?: object,
    options: PostOptions = {},
  ): Promise<AcmeAnswer<T>> {
    const url = 'url' in target ? target.url : await this.#resource(target.resource);
    this.#transport.describe(url, purpose, options.retryServerErrors ?? true);
    const response = await this.#transport.signedRequest(url, payload ?? null, {
      kid: options.signAs === undefined ? (this.accountUrl ?? null) : null,
      includeExternalAccountBinding: options.signAs === 'new account',
    });
    if (isBadNonce(response)) {
      this.#transport.keepNonce(response);
      throw new AcmeProblem(purpose, response.status, response.data);
    }
    return toAnswer<T>(response);
  }

  /** Ends the connections to the CA. */
  close(): void {
    this.#transport.close();
  }

  async #resource(name: 'newAccount' | 'newOrder' | 'revokeCert'): Promise<string> {
    const url = (await this.directory())[name];
    if (url === undefined) {
      throw new Failure(
        'The CA cannot do this',
        `The directory ${this.directoryUrl} offers no ${name}.`,
        'Choose another CA.',
      );
    }
    return url;
  }
}

function toAnswer<T>(response: AxiosResponse): AcmeAnswer<T> {
  const { location, link } = response.headers;
  return {
    status: response.status,
    body: response.data as T,
    location: typeof location === 'string' ? location : undefined,
    retryAfter: parseRetryAfter(response.headers['retry-after'], Date.now()),
    links: typeof link === 'string' ? parseLinks(link) : [],
  };
}

/** Reads a Link header (RFC 8288): `<url>;rel="name"`, several separated by commas. */
export function parseLinks(header: string): { relation: string; url: string }[] {
  return [...header.matchAll(/<([^>]*)>\s*;[^,<]*?\brel="?([^",;\s]+)"?/g)].map(
    ([, url = '', relation = '']) => ({
      relation,
      url,
    }),
  );
}
