import type { ChannelError } from "../../errors.js";

/**
 * Where a channel is in its life. `"starting"` and `"restarting"`: requests wait for the worker within their timeout.
 * `"closing"`: it has ended, and what it held is being released.
 */
export type ChannelState = "starting" | "ready" | "restarting" | "closing" | "closed";

/** Where a circuit breaker is: `"open"` refuses all calls, `"half-open"` lets one through to see. */
export type BreakerState = "closed" | "open" | "half-open";

/** What `channel.onEvent(handler)` gets. */
export type ChannelEvent =
  | { readonly type: "started"; readonly pid: number | undefined }
  | {
      readonly type: "exited";
      readonly pid: number | undefined;
      /** `null` when a signal ended it; `undefined` where the link broke and the worker had not exited. */
      readonly exitCode: number | null | undefined;
      readonly signal: string | null | undefined;
      /** The last part of what the worker wrote to stderr. */
      readonly stderr: string | undefined;
      readonly reason: ChannelError;
    }
  | {
      readonly type: "restarting";
      /** Of the worker that has ended; `undefined` where one could not be started. */
      readonly pid: number | undefined;
      readonly delayMs: number;
      /** The how manieth restart it is within the time of the budget, from 1. */
      readonly attempt: number;
    }
  | { readonly type: "gave-up"; readonly reason: ChannelError }
  | {
      readonly type: "breaker";
      readonly state: BreakerState;
      /** How long until a call is let through to see; of `"open"` only. */
      readonly retryAfterMs: number | undefined;
    };

export type ChannelEventHandler = (event: ChannelEvent) => unknown;

/** What `channel.health()` returns: plain data, for a readiness probe. */
export interface ChannelHealth {
  /** A request that is made now has somebody to answer it. */
  readonly healthy: boolean;
  readonly state: ChannelState;
  readonly pid: number | undefined;
  /** How often the worker was started again. */
  readonly restarts: number;
  /** How long the last heartbeat took; `undefined` without heartbeats, and before the first of this worker. */
  readonly roundTripMs: number | undefined;
  /** Heartbeats in a row that the worker has not answered. */
  readonly missedHeartbeats: number;
  readonly inFlight: number;
  /** `undefined` without a breaker. */
  readonly breaker: BreakerState | undefined;
  /** Why the last worker ended; `undefined` while none has. */
  readonly lastExit: string | undefined;
}
