/** What is known of the requests of a channel. */
export interface Tally {
  /** So many were answered. */
  readonly answers: number;
  /** One is sent again. */
  repeat(): void;
}

/** So many more requests may be sent again than are answered. */
const CAPACITY = 1_024;

/**
 * Bounds how often requests are sent again, by all of a channel together: each takes a token, and each answer gives one
 * back. So a worker that answers nothing is not flooded, and one that answers most of what it is sent never lacks any.
 */
export class RetryBudget {
  readonly #tally: Tally;
  #tokens = CAPACITY;
  #seen: number;

  constructor(tally: Tally) {
    this.#tally = tally;
    this.#seen = tally.answers;
  }

  /** False when there is none left. */
  take(): boolean {
    const { answers } = this.#tally;
    this.#tokens = Math.min(CAPACITY, this.#tokens + answers - this.#seen);
    this.#seen = answers;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    this.#tally.repeat();
    return true;
  }
}
