import type { RestartPolicy } from "./restart-options.js";

export interface PlannedRestart {
  /** Counts the restarts within the budget's time, from 1. */
  readonly attempt: number;
  readonly delayMs: number;
}

/** With a budget that never ends, no more of the past is remembered than this. */
const MAX_REMEMBERED = 1_000;
/** The bound of the delay doubles so many times at most: beyond that it is above any `maxDelayMs`. */
const MAX_DOUBLINGS = 40;

/**
 * Says whether a worker may be started again, and when. The budget is a sliding window of restarts, and so is the
 * backoff: a worker that has lived on for as long as the window begins anew.
 */
export class RestartBudget {
  readonly #policy: RestartPolicy;
  /** When the restarts within the window were planned. */
  #times: number[] = [];

  constructor(policy: RestartPolicy) {
    this.#policy = policy;
  }

  /**
   * Plans a restart; `undefined` when the budget is used up.
   *
   * @param now in milliseconds, on a clock that only goes forward
   * @param random from 0 to 1: spreads the restarts of many channels whose workers died of one cause
   */
  plan(now: number, random: number): PlannedRestart | undefined {
    const { maxRestarts, withinMs, minDelayMs, maxDelayMs } = this.#policy;
    this.#times = this.#times.filter((time) => now - time < withinMs).slice(-MAX_REMEMBERED);
    if (this.#times.length >= maxRestarts) return undefined;
    this.#times.push(now);
    const attempt = this.#times.length;
    return { attempt, delayMs: backoff(attempt, minDelayMs, maxDelayMs, random) };
  }

  /** How long it will be until a restart of the past is out of the window; the window, where there was none. */
  freeAfterMs(now: number): number {
    const { withinMs } = this.#policy;
    return Math.max((this.#times[0] ?? now) + withinMs - now, 0);
  }
}

/** A random delay from the least up to a bound that doubles with each attempt, from 1 on. */
export function backoff(attempt: number, minDelayMs: number, maxDelayMs: number, random: number): number {
  const bound = Math.min(maxDelayMs, minDelayMs * 2 ** Math.min(attempt, MAX_DOUBLINGS));
  return minDelayMs + random * (bound - minDelayMs);
}
