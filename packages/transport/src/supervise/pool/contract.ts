import { oneOf } from "../../checks/kinds.js";
import type { OptionTable } from "../../checks/options.js";
import type { Channel } from "../../channel/contract/channel.js";
import type { ChannelHealth } from "../../channel/contract/events.js";
import type { ChannelStats } from "../../channel/contract/stats.js";
import { milliseconds } from "../../checks/kinds.js";

/** How many workers a pool has: always so many, or as many as there is work for, within bounds. */
export type PoolSize = number | { readonly min?: number | undefined; readonly max?: number | undefined };

/** Whom a notification is for. */
export interface NotifyOptions {
  /** `"one"`: the least busy worker. `"all"`: each that serves now. Default `"one"`. */
  readonly to?: "one" | "all" | undefined;
}

export const NOTIFY_OPTIONS: OptionTable<NotifyOptions> = { to: oneOf(["one", "all"]) };

export interface DrainOptions {
  /** Milliseconds after which the pool is closed, whatever is in flight. Absent, 0 and Infinity mean: no limit. */
  readonly timeout?: number | undefined;
}

export const DRAIN_OPTIONS: OptionTable<DrainOptions> = { timeout: milliseconds };

/** Where a worker of a pool is in its life. `"spare"`: it waits for another one to end. */
export type WorkerState = "starting" | "ready" | "restarting" | "draining" | "spare";

/** One worker of a pool, or the place of one. */
export interface WorkerStats {
  /** `undefined` while none runs here. */
  readonly pid: number | undefined;
  readonly state: WorkerState;
  /** Requests that wait for its answer now. */
  readonly inFlight: number;
  /** Requests that it has answered. */
  readonly served: number;
  /** How often a worker was started again in this place. */
  readonly restarts: number;
  /** How long its last heartbeat took; `undefined` without heartbeats, and before the first. */
  readonly roundTripMs: number | undefined;
  /** The memory that it holds, in bytes; `undefined` where the system does not tell. */
  readonly memoryBytes: number | undefined;
}

/** What `pool.stats()` returns: the counts of all workers that there have been, together. */
export interface PoolStats extends ChannelStats {
  readonly workers: readonly WorkerStats[];
  /** Requests and notifications that wait for a worker. */
  readonly queued: number;
}

/** What `pool.health()` returns. Of times and heartbeats it has those of the worst worker. */
export interface PoolHealth extends ChannelHealth {
  /** Workers that serve now, and places for them. */
  readonly workers: { readonly ready: number; readonly total: number };
  readonly queued: number;
}

/** One channel over many workers at once. */
export interface Pool extends Channel {
  /** Sends a notification to the least busy worker, or to all. With none running it waits for the first. */
  notify(method: string, params?: object, options?: NotifyOptions): Promise<void>;
  /**
   * Changes the number of workers. Resolves when the new ones run and the surplus has finished its requests and exited;
   * rejects when one can't be started.
   */
  resize(size: PoolSize): Promise<void>;
  /**
   * Replaces each worker by a new one, one after the other: the new one is started first, and the old one finishes its
   * requests. Rejects when one can't be started; those that are left go on then.
   */
  rollingRestart(): Promise<void>;
  /** Takes no more requests, waits for those that were made, and closes the pool. */
  drain(options?: DrainOptions): Promise<void>;
  stats(): PoolStats;
  health(): PoolHealth;
}
