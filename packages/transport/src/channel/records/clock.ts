/** One turn of the event loop, up to when its microtasks have run; or a moment in one. */
export interface Turn {
  /** When it began, in milliseconds on the clock of `performance.now()`. */
  readonly time: number;
}

/**
 * The time of the current turn: read once, and used for all that happens in it. Reading the clock for each message
 * costs more than routing one. Requests share the turn instead of each having the number: that is one object less.
 */
export class TurnClock {
  #turn: Turn = { time: 0 };
  #isFresh = false;
  readonly #expire = (): void => {
    this.#isFresh = false;
  };

  turn(): Turn {
    return this.#isFresh ? this.#turn : this.refresh();
  }

  /** This very moment: timeouts count from it, because much of a turn can have passed. */
  moment(): Turn {
    return { time: performance.now() };
  }

  /** Reads the clock; for the beginning of a turn. */
  refresh(): Turn {
    this.#turn = { time: performance.now() };
    if (!this.#isFresh) {
      this.#isFresh = true;
      queueMicrotask(this.#expire);
    }
    return this.#turn;
  }
}
