const TICK_MS = 5;
const KEPT_MS = 5_000;

/** Records when the event loop stood still: a timer can't be more punctual than the loop that runs it. */
export class LoopLag {
  readonly #gaps: { readonly from: number; readonly to: number }[] = [];
  #last = performance.now();
  #max = 0;
  readonly #timer = setInterval(() => {
    this.#tick();
  }, TICK_MS);

  /** The longest standstill so far, in milliseconds. */
  get max(): number {
    return this.#max;
  }

  /** For how long the loop stood still between two moments. */
  between(from: number, to: number): number {
    this.#tick();
    let lag = 0;
    for (const gap of this.#gaps) lag += Math.max(0, Math.min(to, gap.to) - Math.max(from, gap.from));
    return lag;
  }

  /** Lets the process end although it watches. */
  unref(): void {
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    const gap = now - this.#last;
    if (gap > 2 * TICK_MS) {
      this.#gaps.push({ from: this.#last + TICK_MS, to: now });
      this.#max = Math.max(this.#max, gap - TICK_MS);
      while ((this.#gaps[0]?.to ?? now) < now - KEPT_MS) this.#gaps.shift();
    }
    this.#last = now;
  }
}
