/** A stretch of time, in milliseconds since the start of the run. */
export interface Span {
  section: string;
  label: string;
  start: number;
  end: number;
}

/** Notes where the time of a run goes. */
export class Timeline {
  readonly spans: Span[] = [];
  readonly #origin = performance.now();

  /** Milliseconds since the start. */
  get elapsed(): number {
    return performance.now() - this.#origin;
  }

  /** Runs some work and notes how long it took, whether or not it succeeds. */
  async measure<T>(section: string, label: string, work: () => Promise<T>): Promise<T> {
    const start = this.elapsed;
    try {
      return await work();
    } finally {
      this.spans.push({ section, label, start, end: this.elapsed });
    }
  }
}
