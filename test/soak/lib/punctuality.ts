import type { LoopLag } from "./loop-lag.js";

/** How late things were, beside the time in which the event loop stood still. */
export class Punctuality {
  latestMs = 0;
  readonly #lag: LoopLag;
  readonly #lateness: number[] = [];

  constructor(lag: LoopLag) {
    this.#lag = lag;
  }

  /** Something has happened just now that was due at this time. */
  happened(deadline: number): void {
    const now = performance.now();
    if (now <= deadline) return;
    const late = now - deadline - this.#lag.between(deadline, now);
    this.#lateness.push(late);
    this.latestMs = Math.max(this.latestMs, late);
  }

  laterThan(milliseconds: number): number {
    return this.#lateness.filter((late) => late > milliseconds).length;
  }
}
