import type { ChannelError } from "../../errors.js";
import { Interception } from "../../channel/around/interception.js";
import { createRemote } from "../../channel/around/remote.js";
import type { BatchCall, BatchOptions } from "../../channel/contract/batch.js";
import type { ChannelEventHandler, ChannelState } from "../../channel/contract/events.js";
import type {
  AnyNotificationHandler,
  AnyRequestHandler,
  NotificationHandler,
  RequestHandler,
} from "../../channel/contract/handlers.js";
import type { NextCall } from "../../channel/contract/interceptors.js";
import { quiet, rejected } from "../../channel/contract/outcome.js";
import type { AnyRemote } from "../../channel/contract/remote.js";
import { checkOptions, type CheckedOptions, type RequestOptions } from "../../channel/contract/request-options.js";
import type { BatchedCall } from "../../channel/outgoing/batch.js";
import { runBatch } from "../../channel/outgoing/run-batch.js";
import { endedRequestError } from "../../channel/records/errors.js";
import { readOptions } from "../../checks/options.js";
import { LateStream, type Items } from "../late-stream.js";
import { DRAIN_OPTIONS, NOTIFY_OPTIONS } from "./contract.js";
import type { DrainOptions, NotifyOptions, Pool, PoolHealth, PoolSize, PoolStats } from "./contract.js";
import { healthOf, statsOf } from "./figures.js";
import { boundsOf, checkSize } from "./options.js";
import { Core, type CoreOptions } from "./core.js";

/** One channel over many workers: the channel contract, and what only a pool has. */
export class PoolChannel implements Pool {
  readonly remote: AnyRemote = createRemote(this);
  /** A pool has many: see `stats().workers`. */
  readonly pid: undefined = undefined;
  readonly #core: Core;
  readonly #interception: Interception;

  constructor(options: CoreOptions) {
    const { requestInterceptor, tracer, onError } = options.parts;
    // Around the pool, and not within each worker: what is sent again is one call.
    const parts = { ...options.parts, requestInterceptor: undefined, tracer: undefined };
    this.#core = new Core({ ...options, parts });
    this.#interception = new Interception({ requestInterceptor, tracer, onError, pid: undefined });
  }

  /** Starts the first workers. Rejects when one of them can't be started. */
  start(): Promise<void> {
    return this.#core.start();
  }

  get closed(): Promise<ChannelError> {
    return this.#core.closed;
  }

  get state(): ChannelState {
    return this.#core.state;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    return this.#interception.request(method, params, options, this.#callAgain) as Promise<Result>;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const open = (call: NextCall): AsyncIterableIterator<unknown> => new LateStream(() => this.#openStream(call));
    return this.#interception.stream(method, params, options, open) as AsyncIterableIterator<Item>;
  }

  batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    return runBatch(calls, options, {
      interception: this.#interception,
      array: (batched) => {
        this.#sendBatch(batched);
      },
      request: this.#callAgain,
      notify: (call) => this.#notify(call, "one"),
    });
  }

  notify(method: string, params?: object, options?: NotifyOptions): Promise<void> {
    try {
      const { to = "one" } = options === undefined ? {} : readOptions(method, options, NOTIFY_OPTIONS);
      if (!this.#interception.isNeeded) return this.#notify({ method, params, options: undefined }, to);
      return this.#interception.notify(method, params, (again) => this.#notify(again, to));
    } catch (error) {
      return quiet(rejected(error));
    }
  }

  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    return this.#core.registry.onRequest(first, handler);
  }

  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    return this.#core.registry.onNotification(first, handler);
  }

  onEvent(handler: ChannelEventHandler): () => void {
    return this.#core.options.events.add(handler);
  }

  health(): PoolHealth {
    return healthOf(this.#core);
  }

  stats(): PoolStats {
    return statsOf(this.#core);
  }

  async resize(size: PoolSize): Promise<void> {
    const bounds = boundsOf("resize", checkSize(size), 1);
    this.#core.assertOpen("resize");
    await this.#core.resize(bounds);
  }

  async rollingRestart(): Promise<void> {
    this.#core.assertOpen("rollingRestart");
    await this.#core.changes.rollingRestart();
  }

  async drain(options?: DrainOptions): Promise<void> {
    const { timeout = Infinity } = readOptions("drain", options, DRAIN_OPTIONS);
    await this.#core.drain(timeout === 0 ? Infinity : timeout);
    await this.close();
  }

  async idle(): Promise<void> {
    await Promise.all(this.#core.workers.members().map(({ channel }) => channel.idle()));
  }

  unref(): this {
    this.#core.hold(false);
    return this;
  }

  ref(): this {
    this.#core.hold(true);
    return this;
  }

  close(): Promise<void> {
    const closing = this.#core.close();
    const { ended } = this.#core;
    if (ended !== undefined) this.#interception.close(ended);
    return closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #callAgain = (call: NextCall): Promise<unknown> => this.#call(call.method, call.params, call.options);

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    const { dispatch, refusal, repeats } = this.#core;
    if (refusal !== undefined) return rejected(endedRequestError(refusal, method, "not-sent"));
    if (options === undefined) return dispatch.channel().request(method, params);
    let checked: CheckedOptions;
    try {
      checked = checkOptions(method, options);
    } catch (error) {
      return rejected(error);
    }
    if (checked.idempotent === true) return repeats.request(method, params, checked);
    return this.#core.request(method, params, checked);
  }

  /** Throws what the stream fails with. */
  #openStream({ method, params, options }: NextCall): Items {
    const { dispatch, refusal } = this.#core;
    if (refusal !== undefined) throw endedRequestError(refusal, method, "not-sent");
    const checked = options === undefined ? undefined : checkOptions(method, options);
    return dispatch.channelFor(checked?.key).stream(method, params, checked) as Items;
  }

  #sendBatch(batched: readonly BatchedCall[]): void {
    const { dispatch, refusal } = this.#core;
    if (refusal !== undefined) throw endedRequestError(refusal, "batch", "not-sent");
    const requests = batched.filter(({ waiter }) => waiter !== undefined);
    dispatch.channelForAll(requests.length, requests[0]?.options?.key).sendBatch(batched);
  }

  #notify({ method, params }: NextCall, to: "one" | "all"): Promise<void> {
    const { dispatch, refusal, workers } = this.#core;
    if (refusal !== undefined) return quiet(rejected(endedRequestError(refusal, method, "not-sent")));
    if (to === "one" || workers.ready.length === 0) return dispatch.channelForNotification().notify(method, params);
    const sent = workers.ready.map(({ channel }) => channel.notify(method, params));
    return quiet(Promise.all(sent).then(() => undefined));
  }
}
