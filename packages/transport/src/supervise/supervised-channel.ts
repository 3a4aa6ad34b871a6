import type { ChannelError } from "../errors.js";
import { Interception } from "../channel/around/interception.js";
import { createRemote } from "../channel/around/remote.js";
import type { BatchCall, BatchOptions } from "../channel/contract/batch.js";
import type { Channel } from "../channel/contract/channel.js";
import type { ChannelEventHandler, ChannelHealth, ChannelState } from "../channel/contract/events.js";
import type {
  AnyNotificationHandler,
  AnyRequestHandler,
  NotificationHandler,
  RequestHandler,
} from "../channel/contract/handlers.js";
import type { NextCall } from "../channel/contract/interceptors.js";
import { rejected } from "../channel/contract/outcome.js";
import type { ChannelParts } from "../channel/contract/parts.js";
import type { AnyRemote } from "../channel/contract/remote.js";
import { checkOptions, type CheckedOptions, type RequestOptions } from "../channel/contract/request-options.js";
import type { ChannelStats } from "../channel/contract/stats.js";
import { runBatch } from "../channel/outgoing/run-batch.js";
import type { Breaker } from "./breaker.js";
import { LateStream, type Items } from "./late-stream.js";
import { Lives, type LivesOptions } from "./lives.js";
import { Repeats } from "./repeats.js";
import { RetryBudget } from "./retry-budget.js";

export interface SupervisedOptions extends LivesOptions {
  /** Among the interceptors; only asked for its state here. */
  readonly breaker: Breaker | undefined;
}

/**
 * One channel over the lives of a worker, one after the other. A request goes straight to the channel of the life that
 * is on, so that being supervised costs next to nothing; only an `idempotent` one is looked after.
 */
export class SupervisedChannel implements Channel {
  readonly remote: AnyRemote = createRemote(this);
  readonly #lives: Lives;
  readonly #options: SupervisedOptions;
  readonly #interception: Interception;
  readonly #repeats: Repeats;

  constructor(options: SupervisedOptions) {
    const { requestInterceptor, tracer, onError, timeout } = options.parts;
    // Around all lives, and not within each: what is sent again is one call.
    const bare: Omit<ChannelParts, "link" | "pid"> = {
      ...options.parts,
      requestInterceptor: undefined,
      tracer: undefined,
    };
    const lives = new Lives({ ...options, parts: bare });
    const pidOf = (): number | undefined => lives.channel.pid;
    this.#lives = lives;
    this.#options = options;
    this.#interception = new Interception({
      requestInterceptor,
      tracer,
      onError,
      get pid() {
        return pidOf();
      },
    });
    this.#repeats = new Repeats(lives, new RetryBudget(lives.lasting.counters), timeout);
  }

  /** Opens the first link. Rejects when that can't be done. */
  start(): Promise<void> {
    return this.#lives.start();
  }

  get pid(): number | undefined {
    return this.#lives.channel.pid;
  }

  get closed(): Promise<ChannelError> {
    return this.#lives.closed;
  }

  get state(): ChannelState {
    return this.#lives.state;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    return this.#interception.request(method, params, options, this.#callAgain) as Promise<Result>;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const open = (call: NextCall): AsyncIterableIterator<unknown> =>
      new LateStream(() => this.#lives.channel.stream(call.method, call.params, call.options) as Items);
    return this.#interception.stream(method, params, options, open) as AsyncIterableIterator<Item>;
  }

  batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    return runBatch(calls, options, {
      interception: this.#interception,
      array: (batched) => {
        this.#lives.channel.sendBatch(batched);
      },
      request: this.#callAgain,
      notify: (call) => this.#lives.channel.notify(call.method, call.params),
    });
  }

  notify(method: string, params?: object): Promise<void> {
    if (!this.#interception.isNeeded) return this.#lives.channel.notify(method, params);
    return this.#interception.notify(method, params, (again) => this.#lives.channel.notify(again.method, again.params));
  }

  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    return this.#lives.lasting.registry.onRequest(first, handler);
  }

  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    return this.#lives.lasting.registry.onNotification(first, handler);
  }

  onEvent(handler: ChannelEventHandler): () => void {
    return this.#options.events.add(handler);
  }

  health(): ChannelHealth {
    const { state, channel, heartbeat, history, lasting } = this.#lives;
    const breaker = this.#options.breaker?.state;
    return {
      healthy: state === "ready" && breaker !== "open",
      state,
      pid: channel.pid,
      restarts: lasting.counters.restarts,
      roundTripMs: heartbeat?.roundTripMs,
      missedHeartbeats: heartbeat?.missed ?? 0,
      inFlight: channel.inFlight,
      breaker,
      lastExit: history.exits.at(-1)?.message,
    };
  }

  stats(): ChannelStats {
    return this.#lives.channel.stats();
  }

  idle(): Promise<void> {
    return this.#lives.channel.idle();
  }

  unref(): this {
    this.#lives.unref();
    return this;
  }

  ref(): this {
    this.#lives.ref();
    return this;
  }

  close(): Promise<void> {
    const closing = this.#lives.close();
    const { ended } = this.#lives.channel;
    if (ended !== undefined) this.#interception.close(ended);
    return closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  readonly #callAgain = (call: NextCall): Promise<unknown> => this.#call(call.method, call.params, call.options);

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    if (options === undefined) return this.#lives.channel.request(method, params);
    let checked: CheckedOptions;
    try {
      checked = checkOptions(method, options);
    } catch (error) {
      return rejected(error);
    }
    if (checked.idempotent === true) return this.#repeats.request(method, params, checked);
    return this.#lives.channel.request(method, params, checked);
  }
}
