import type { Farewell } from "../../channel/contract/parts.js";
import type { Dialect } from "../../dialects/contract.js";
import { milliseconds, refuse } from "../../checks/kinds.js";
import type { OptionTable } from "../../checks/options.js";

export const DEFAULT_GRACE_MS = 2_000;

/** How a worker is ended by `close()`, step by step; each step is skipped when the worker has exited. */
export interface ShutdownOptions {
  /** The notification that asks it to end; false for none. Default: the goodbye of the dialect, for plain JSON-RPC `"shutdown"`. */
  readonly notify?: string | false | undefined;
  /** Milliseconds from the end of its stdin to SIGTERM; Infinity for never. Default 2000. */
  readonly graceMs?: number | undefined;
  /** Milliseconds from SIGTERM to SIGKILL; Infinity for never. Default 2000. */
  readonly termMs?: number | undefined;
}

export const SHUTDOWN_OPTIONS: OptionTable<ShutdownOptions> = {
  notify: (value, place) =>
    typeof value === "string" || value === false
      ? value
      : refuse(TypeError, value, place, "the name of a notification, or false for none"),
  graceMs: milliseconds,
  termMs: milliseconds,
};

/** The checked options, with the defaults filled in. */
export interface Shutdown {
  readonly farewell: Farewell | undefined;
  readonly graceMs: number;
  readonly termMs: number;
}

/** Fills in the defaults of options that have been checked. */
export function resolveShutdown(
  { notify, graceMs = DEFAULT_GRACE_MS, termMs = 2_000 }: ShutdownOptions,
  { goodbye }: Dialect,
): Shutdown {
  const said = notify === undefined ? goodbye : notify === false ? undefined : { notification: notify };
  return { farewell: said === undefined ? undefined : { params: {}, ...said, graceMs }, graceMs, termMs };
}
