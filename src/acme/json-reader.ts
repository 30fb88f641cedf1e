import { Agent, get } from 'node:https';
import { userAgent } from '../version.ts';
import { trustOptions } from './trust.ts';

/** How unsigned resources are read. */
export interface JsonReaderOptions {
  /** PEM of roots to trust beside the system's. */
  roots: readonly string[];
  /** Milliseconds for all that is read together. */
  timeout: number;
  signal: AbortSignal;
}

const largestAnswer = 256 * 1024;

/**
 * Reads a CA's unsigned resources: the directory and renewal information. Nothing is signed and nothing is tried again,
 * so none of ACME's machinery is loaded for it.
 */
export class JsonReader {
  readonly #agent: Agent;
  readonly #signal: AbortSignal;

  constructor({ roots, timeout, signal }: JsonReaderOptions) {
    this.#agent = new Agent({ keepAlive: true, proxyEnv: process.env, ...trustOptions(roots) });
    this.#signal = AbortSignal.any([signal, AbortSignal.timeout(timeout)]);
  }

  /** @throws Error when there is no answer, or it is no JSON */
  get(url: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, signal: this.#signal, headers: { 'User-Agent': userAgent } };
      const request = get(url, options, (response) => {
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

  /** Ends the connections. */
  close(): void {
    this.#agent.destroy();
  }
}
