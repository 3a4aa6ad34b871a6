import { count } from "../checks/kinds.js";
import type { Filled, OptionTable } from "../checks/options.js";
import { chosen, timerMs } from "./options.js";

/** When calls are refused without being sent. */
export interface BreakerOptions {
  /** After so many failures in a row. Default 5. */
  readonly failures?: number | undefined;
  /** Milliseconds until one call is let through to see. Default 5,000. */
  readonly coolDownMs?: number | undefined;
}

export type BreakerPolicy = Filled<BreakerOptions>;

export const BREAKER_OPTIONS: OptionTable<BreakerOptions> = { failures: count(1), coolDownMs: timerMs(1) };

/** The policy; `undefined` for none. */
export function resolveBreaker(given: boolean | BreakerOptions | undefined): BreakerPolicy | undefined {
  const options = chosen(given);
  return options && { failures: options.failures ?? 5, coolDownMs: options.coolDownMs ?? 5_000 };
}
