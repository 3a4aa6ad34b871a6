const WINDOW_MS = 60_000;

/** Counts stray bytes per minute: a few prints are a nuisance, a flood means that the other side is no worker. */
export class NoiseBudget {
  readonly #maxBytesPerMinute: number;
  #windowStart = -Infinity;
  #bytes = 0;

  constructor(maxBytesPerMinute: number) {
    this.#maxBytesPerMinute = maxBytesPerMinute;
  }

  /** Counts; false when the budget is used up. */
  spend(bytes: number, now: number): boolean {
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#bytes = 0;
    }
    this.#bytes += bytes;
    return this.#bytes <= this.#maxBytesPerMinute;
  }
}
