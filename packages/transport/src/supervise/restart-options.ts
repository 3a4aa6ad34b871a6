import { count, milliseconds } from "../checks/kinds.js";
import type { Filled, OptionTable } from "../checks/options.js";
import { chosen, delaysOf, timerMs } from "./options.js";

/** When a worker that has ended is started again. */
export interface RestartOptions {
  /** So many restarts there may be within `withinMs`; then the channel ends with `RESTARTS_EXHAUSTED`. Default 10. */
  readonly maxRestarts?: number | undefined;
  /** Milliseconds. Default 60,000. */
  readonly withinMs?: number | undefined;
  /**
   * Milliseconds before a restart, at least. Default 100. The delay is random, up to a bound that begins at twice this
   * and doubles with each restart within `withinMs`.
   */
  readonly minDelayMs?: number | undefined;
  /** Milliseconds before a restart, at most. Default 10,000. */
  readonly maxDelayMs?: number | undefined;
}

export type RestartPolicy = Filled<RestartOptions>;

export const RESTART_OPTIONS: OptionTable<RestartOptions> = {
  maxRestarts: count(0),
  withinMs: milliseconds,
  minDelayMs: timerMs(0),
  maxDelayMs: timerMs(0),
};

const DEFAULTS: RestartPolicy = Object.freeze({
  maxRestarts: 10,
  withinMs: 60_000,
  minDelayMs: 100,
  maxDelayMs: 10_000,
});

/**
 * The policy; `undefined` for none. Throws a `RangeError` when the delays contradict each other.
 *
 * @param given that has been checked
 */
export function resolveRestart(given: boolean | RestartOptions | undefined): RestartPolicy | undefined {
  const options = chosen(given);
  if (options === undefined) return undefined;
  const { maxRestarts = DEFAULTS.maxRestarts, withinMs = DEFAULTS.withinMs } = options;
  return { maxRestarts, withinMs, ...delaysOf("restart", options, DEFAULTS) };
}
