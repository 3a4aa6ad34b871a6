import { jsonRpc } from "../../dialects/json-rpc.js";
import { resolveDuration } from "../streams/durations.js";

/** How a worker is ended by `close()`, step by step; each step is skipped when the worker has exited. */
export interface ShutdownOptions {
  /** The notification that asks it to end; false for none. Default: the dialect's, `"shutdown"`. */
  readonly notify?: string | false;
  /** Milliseconds from the end of its stdin to SIGTERM; Infinity for never. Default 2000. */
  readonly graceMs?: number;
  /** Milliseconds from SIGTERM to SIGKILL; Infinity for never. Default 2000. */
  readonly termMs?: number;
}

/** The checked options, with the defaults filled in. */
export interface Shutdown {
  readonly farewell: string | undefined;
  readonly graceMs: number;
  readonly termMs: number;
}

/** Throws a `RangeError` for what is no duration. */
export function resolveShutdown({ notify = jsonRpc.farewell, graceMs, termMs }: ShutdownOptions): Shutdown {
  return {
    farewell: notify === false ? undefined : notify,
    graceMs: resolveDuration("shutdown.graceMs", graceMs, 2_000),
    termMs: resolveDuration("shutdown.termMs", termMs, 2_000),
  };
}
