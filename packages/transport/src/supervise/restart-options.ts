import { checkCount, checkDelays, checkNumber, optionsOf } from "./options.js";

/** When a worker that has ended is started again. */
export interface RestartOptions {
  /** So many restarts there may be within `withinMs`; then the channel ends with `RESTARTS_EXHAUSTED`. Default 10. */
  readonly maxRestarts?: number;
  /** Milliseconds. Default 60,000. */
  readonly withinMs?: number;
  /**
   * Milliseconds before a restart, at least. Default 100. The delay is random, up to a bound that begins at twice this
   * and doubles with each restart within `withinMs`.
   */
  readonly minDelayMs?: number;
  /** Milliseconds before a restart, at most. Default 10,000. */
  readonly maxDelayMs?: number;
}

export type RestartPolicy = Required<RestartOptions>;

const DEFAULTS: RestartPolicy = Object.freeze({
  maxRestarts: 10,
  withinMs: 60_000,
  minDelayMs: 100,
  maxDelayMs: 10_000,
});

/** The policy; `undefined` for none. Throws a `TypeError` or a `RangeError` for what is none. */
export function resolveRestart(given: boolean | RestartOptions | undefined): RestartPolicy | undefined {
  const options = optionsOf("restart", given, "{ maxRestarts: 5 }");
  if (options === undefined) return undefined;
  return {
    maxRestarts: checkCount("restart.maxRestarts", options.maxRestarts, DEFAULTS.maxRestarts, 0),
    withinMs: checkNumber("restart.withinMs", options.withinMs, DEFAULTS.withinMs, 0),
    ...checkDelays("restart", options, DEFAULTS),
  };
}
