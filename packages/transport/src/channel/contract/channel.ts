import type { ChannelError } from "../../errors.js";
import type { BatchCall, BatchOptions } from "./batch.js";
import type { ChannelEventHandler, ChannelHealth, ChannelState } from "./events.js";
import type { AnyNotificationHandler, AnyRequestHandler, NotificationHandler, RequestHandler } from "./handlers.js";
import type { RequestOptions } from "./request-options.js";
import type { AnyRemote } from "./remote.js";
import type { ChannelStats } from "./stats.js";

/**
 * Requests, notifications and handlers between two sides. A channel ends once, for one recorded reason; everything that
 * waits is settled then.
 */
export interface Channel {
  /** Process id of the worker; `undefined` where the link has no process, and while none runs. */
  readonly pid: number | undefined;
  /** Resolves with the one reason why the channel ended. Never rejects. */
  readonly closed: Promise<ChannelError>;
  /** The other side's methods as methods of an object: `channel.remote.add({ a: 1, b: 2 })`. */
  readonly remote: AnyRemote;
  /**
   * Calls a method on the other side.
   *
   * Rejects with an `RpcError` when the other side answers with an error, with the `signal`'s reason when it aborts,
   * and else with a `ChannelError`: `TIMEOUT`, `WORKER_EXITED`, `CHANNEL_CLOSED`, `OVERLOADED`, `MESSAGE_TOO_LARGE`,
   * `ENCODE_FAILED`, `MESSAGE_MALFORMED`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result>;
  /**
   * Calls a method that answers with a stream of items. The request is sent when the first item is asked for; leaving
   * the loop cancels it; the reader's pace holds the writer back. Fails as `request` does, in `next()`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item>;
  /**
   * Sends requests and notifications as one JSON-RPC batch; above `limits.maxBatchSize` as several. Resolves with one
   * settled result per call, in order; rejects when the batch can't be sent. With interceptors it leaves when each of its
   * calls has come through them. A call rejects with an `RpcError` as well when the other side refuses the batch.
   */
  batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]>;
  /** Sends a notification. Resolves when it is handed to the pipe; rejects with a `ChannelError` when it can't be. */
  notify(method: string, params?: object): Promise<void>;
  /** Registers what answers requests from the other side: of one method, or of all that have no handler. */
  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  /**
   * Registers a handler of notifications: of one method (gets `params`), or of all (gets the whole message). When it
   * returns a promise, it gets the next notification after that has settled.
   */
  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  readonly state: ChannelState;
  /**
   * Calls the handler with what happens to the channel, in order: a worker that has started or exited, a restart, a
   * breaker that opens. Returns what removes the handler again.
   */
  onEvent(handler: ChannelEventHandler): () => void;
  /** How the channel is, as plain data: for a readiness probe. */
  health(): ChannelHealth;
  /** Counts since the channel was opened, and percentiles of the time that answers took. */
  stats(): ChannelStats;
  /** Resolves when no handler of an incoming request is running. */
  idle(): Promise<void>;
  /** From now on the channel keeps the process alive only while a request waits for its answer. */
  unref(): this;
  /** Takes `unref` back: an open channel keeps the process alive. */
  ref(): this;
  /**
   * Ends the channel from this side; requests in flight reject with `CHANNEL_CLOSED`. Resolves when the link has
   * released everything; with a worker process that is after its exit. Idempotent, bounded in time, never rejects.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
