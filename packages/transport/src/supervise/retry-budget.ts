import type { Counters } from "../channel/records/counters.js";

/** So many more requests may be sent again than are answered. */
const CAPACITY = 1_024;

/**
 * Bounds how often requests are sent again, by all of a channel together: each takes a token, and each answer gives one
 * back. So a worker that answers nothing is not flooded, and one that answers most of what it is sent never lacks any.
 */
export class RetryBudget {
  readonly #counters: Counters;
  #tokens = CAPACITY;
  #seen: number;

  constructor(counters: Counters) {
    this.#counters = counters;
    this.#seen = answersIn(counters);
  }

  /** False when there is none left. */
  take(): boolean {
    const answers = answersIn(this.#counters);
    this.#tokens = Math.min(CAPACITY, this.#tokens + answers - this.#seen);
    this.#seen = answers;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    this.#counters.repeated += 1;
    return true;
  }
}

function answersIn({ succeeded, refused }: Counters): number {
  return succeeded + refused;
}
