/**
 * The anti-replay nonces of one session (RFC 8555 section 6.5). Each signed request spends one and its answer brings the
 * next, so the number ever fetched is also the number of requests under way at once.
 */
export class NoncePool {
  readonly #limit: number;
  readonly #fetch: () => Promise<string>;
  readonly #free: string[] = [];
  readonly #waiting: ((nonce: string | undefined) => void)[] = [];
  #minted = 0;

  /**
   * @param limit how many signed requests run side by side
   * @param fetch asks the CA for a nonce
   */
  constructor(limit: number, fetch: () => Promise<string>) {
    this.#limit = limit;
    this.#fetch = fetch;
  }

  /** A nonce to spend: a free one, a fetched one while the limit allows, else the next that an answer brings. */
  async take(): Promise<string> {
    for (;;) {
      const free = this.#free.pop();
      if (free !== undefined) {
        return free;
      }
      if (this.#minted < this.#limit) {
        this.#minted += 1;
        try {
          return await this.#fetch();
        } catch (error) {
          this.lose();
          throw error;
        }
      }
      const given = await new Promise<string | undefined>((resolve) => this.#waiting.push(resolve));
      if (given !== undefined) {
        return given;
      }
    }
  }

  /** Takes the nonce that an answer brought. */
  give(nonce: string): void {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#free.push(nonce);
    } else {
      next(nonce);
    }
  }

  /** Notes that a nonce was spent on a request that brought none back. */
  lose(): void {
    this.#minted -= 1;
    this.#waiting.shift()?.(undefined);
  }
}
