import { checkCount, checkTime, optionsOf } from "./options.js";

/** How a worker is asked whether it lives. */
export interface HeartbeatOptions {
  /** Milliseconds from one question to the next. Default 5,000. */
  readonly intervalMs?: number;
  /** Milliseconds for the answer, or anything else the worker says. Default as `intervalMs`. */
  readonly timeoutMs?: number;
  /** After so many questions in a row without either, the worker is killed. Default 3. */
  readonly misses?: number;
}

export type HeartbeatPolicy = Required<HeartbeatOptions>;

const INTERVAL_MS = 5_000;
const MISSES = 3;
/** The policy; `undefined` for none. Throws a `TypeError` or a `RangeError` for what is none. */
export function resolveHeartbeat(given: boolean | HeartbeatOptions | undefined): HeartbeatPolicy | undefined {
  const options = optionsOf("heartbeat", given, "{ intervalMs: 5000 }");
  if (options === undefined) return undefined;
  // None at all would ask without end.
  const intervalMs = checkTime("heartbeat.intervalMs", options.intervalMs, INTERVAL_MS, 1);
  const timeoutMs = checkTime("heartbeat.timeoutMs", options.timeoutMs, intervalMs, 1);
  return { intervalMs, timeoutMs, misses: checkCount("heartbeat.misses", options.misses, MISSES, 1) };
}
