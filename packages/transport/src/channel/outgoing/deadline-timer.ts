import { MAX_TIMER_MS } from "../../limits.js";

/** Deadlines nearer to each other than this share a wake-up, so that a wave of them does not mean a scan for each. */
const MIN_INTERVAL_MS = 5;

/**
 * One timer for the deadlines of all requests. It is armed for the earliest; when that request has been answered in
 * the meantime, the timer fires for nothing once and is armed for the next: cheaper than a timer per request.
 */
export class DeadlineTimer {
  readonly #onDue: (now: number) => number;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #armedFor = Infinity;

  /** @param onDue handles what is due and returns the next deadline, Infinity when there is none */
  constructor(onDue: (now: number) => number) {
    this.#onDue = onDue;
  }

  /** Makes sure that the timer fires at `deadline` or earlier. */
  cover(deadline: number, now: number): void {
    if (deadline >= this.#armedFor) return;
    clearTimeout(this.#timer);
    this.#armedFor = deadline;
    this.#timer = setTimeout(this.#fire, Math.min(Math.ceil(Math.max(deadline - now, 1)), MAX_TIMER_MS));
    // The link keeps the process alive while there is something to wait for; a stale timer must not.
    unref(this.#timer);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Infinity;
  }

  readonly #fire = (): void => {
    const now = performance.now();
    this.#armedFor = Infinity;
    const next = this.#onDue(now);
    if (next !== Infinity) this.cover(Math.max(next, now + MIN_INTERVAL_MS), now);
  };
}

/** Node's timers can let the process go; the web's are numbers. */
function unref(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
