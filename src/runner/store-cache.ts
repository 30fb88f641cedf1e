import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../failure.ts';
import type { Log } from '../log.ts';

/** Keeps a store in GitHub's cache. Entries there cannot be changed: each new state gets a key of its own. */
export class StoreCache {
  readonly #directory: string;
  readonly #prefix: string;
  readonly #log: Log;
  #restored: string | undefined;

  /**
   * @param directory relative to the workspace, or absolute: an entry is found again by the path as it is given here
   * @param name of the certificate; each has entries of its own, so that jobs of a matrix do not overwrite each other
   */
  constructor(directory: string, name: string, log: Log) {
    this.#directory = directory;
    this.#prefix = `acme-exec-1-${name.replaceAll(',', '_')}-`;
    this.#log = log;
  }

  /** Brings the newest state to the folder. Without one, or without a cache, the run goes on with what is there. */
  async restore(): Promise<void> {
    await this.#attempt('restored', async (cache) => {
      // No entry has this very key: the newest one with the prefix is found.
      const key = await cache.restoreCache([this.#directory], `${this.#prefix}newest`, [this.#prefix]);
      this.#log.info(
        key === undefined ? 'The cache holds no store yet.' : `The store comes from the cache: ${key}`,
      );
      this.#restored = this.#digest();
    });
  }

  /** Saves the folder if it is not as it was restored. */
  async save(): Promise<void> {
    const digest = this.#digest();
    if (digest === undefined || digest === this.#restored) {
      return;
    }
    await this.#attempt('saved', async (cache) => {
      const id = await cache.saveCache(
        [this.#directory],
        `${this.#prefix}${Date.now()}-${digest.slice(0, 12)}`,
      );
      if (id === -1) {
        throw new Error('the cache did not take it');
      }
      this.#log.info('The store was saved in the cache.');
    });
  }

  async #attempt(
    what: string,
    work: (cache: typeof import('@actions/cache')) => Promise<void>,
  ): Promise<void> {
    try {
      // A large library, loaded only where it is asked for.
      const cache = await import('@actions/cache');
      if (!cache.isFeatureAvailable()) {
        throw new Error('this runner offers no cache');
      }
      await work(cache);
    } catch (error) {
      this.#log.warning(
        `The store could not be ${what}`,
        `store-cache: ${messageOf(error)}. The run goes on without; if that stays so, each run orders anew and meets the CA's limits.`,
      );
    }
  }

  /** The folder as the file system knows it. */
  get #folder(): string {
    return path.resolve(process.env.GITHUB_WORKSPACE ?? '', this.#directory);
  }

  /** SHA-256 over the names and contents of all files; undefined while there is no folder. */
  #digest(): string | undefined {
    const hash = createHash('sha256');
    try {
      const names = readdirSync(this.#folder, { recursive: true, encoding: 'utf8' }).sort();
      const files = names
        .map((name) => path.join(this.#folder, name))
        .filter((file) => statSync(file).isFile());
      for (const file of files) {
        hash.update(`${path.relative(this.#folder, file)}\0`).update(readFileSync(file));
      }
      return files.length === 0 ? undefined : hash.digest('hex');
    } catch {
      return undefined;
    }
  }
}
