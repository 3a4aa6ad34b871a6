/** What a worker answers in so many milliseconds it may have in flight. */
const SPAN_MS = 20;
/** A look at the clock is taken once in so many requests; a power of two. */
const LOOK_EVERY = 64;

/**
 * How many requests a worker gets at once. One that computes must not have a long line of its own while others are free, and
 * for small requests a short line would cost more than they do: each goes by the queue then, and few leave together. So the
 * line grows with what the worker answers, and is short again when it answers less.
 */
export class Pace {
  /** So many it may have. */
  limit: number;
  readonly #least: number;
  readonly #most: number;
  #answers = 0;
  #since = 0;

  constructor(least: number, most: number) {
    this.limit = least;
    this.#least = least;
    this.#most = most;
  }

  /** Whether it may be time to look, with so many in flight: reading the clock for each would cost too much. */
  isDue(load: number): boolean {
    return load >= this.#least && load % LOOK_EVERY === 0 && this.#least < this.#most;
  }

  /**
   * @param answers that it has given so far
   * @param now in milliseconds, on a clock that only goes forward
   */
  look(answers: number, now: number): void {
    const passed = now - this.#since;
    if (passed < SPAN_MS) return;
    const inSpan = ((answers - this.#answers) / passed) * SPAN_MS;
    this.limit = Math.max(this.#least, Math.min(Math.floor(inSpan), this.#most));
    this.#answers = answers;
    this.#since = now;
  }
}
