/**
 * The time of the current turn, in milliseconds on the clock of `performance.now()`: read once, and used for all that
 * happens until the microtasks of the turn have run. Reading the clock for each message costs more than routing it.
 */
export class TurnClock {
  #now = 0;
  #isFresh = false;
  readonly #expire = (): void => {
    this.#isFresh = false;
  };

  now(): number {
    return this.#isFresh ? this.#now : this.refresh();
  }

  /** Reads the clock; for the beginning of a turn. */
  refresh(): number {
    this.#now = performance.now();
    if (!this.#isFresh) {
      this.#isFresh = true;
      queueMicrotask(this.#expire);
    }
    return this.#now;
  }
}
