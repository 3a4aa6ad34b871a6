import { checkCount, checkTime, optionsOf } from "./options.js";

/** When calls are refused without being sent. */
export interface BreakerOptions {
  /** After so many failures in a row. Default 5. */
  readonly failures?: number;
  /** Milliseconds until one call is let through to see. Default 5,000. */
  readonly coolDownMs?: number;
}

export type BreakerPolicy = Required<BreakerOptions>;

/** The policy; `undefined` for none. Throws a `TypeError` or a `RangeError` for what is none. */
export function resolveBreaker(given: boolean | BreakerOptions | undefined): BreakerPolicy | undefined {
  const options = optionsOf("breaker", given, "{ failures: 5 }");
  if (options === undefined) return undefined;
  return {
    failures: checkCount("breaker.failures", options.failures, 5, 1),
    coolDownMs: checkTime("breaker.coolDownMs", options.coolDownMs, 5_000, 1),
  };
}
