import { count } from "../checks/kinds.js";
import type { Filled, OptionTable } from "../checks/options.js";
import { chosen, timerMs } from "./options.js";

/** How a worker is asked whether it lives. */
export interface HeartbeatOptions {
  /** Milliseconds from one question to the next. Default 5,000. */
  readonly intervalMs?: number | undefined;
  /** Milliseconds for the answer, or anything else the worker says. Default as `intervalMs`. */
  readonly timeoutMs?: number | undefined;
  /** After so many questions in a row without either, the worker is killed. Default 3. */
  readonly misses?: number | undefined;
}

export type HeartbeatPolicy = Filled<HeartbeatOptions>;

// With no time between them the questions would have no end.
export const HEARTBEAT_OPTIONS: OptionTable<HeartbeatOptions> = {
  intervalMs: timerMs(1),
  timeoutMs: timerMs(1),
  misses: count(1),
};

/** The policy; `undefined` for none. */
export function resolveHeartbeat(given: boolean | HeartbeatOptions | undefined): HeartbeatPolicy | undefined {
  const options = chosen(given);
  if (options === undefined) return undefined;
  const { intervalMs = 5_000, misses = 3 } = options;
  return { intervalMs, timeoutMs: options.timeoutMs ?? intervalMs, misses };
}
