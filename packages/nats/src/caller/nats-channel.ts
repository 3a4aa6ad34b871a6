import {
  ChannelError,
  type AnyNotificationHandler,
  type AnyRemote,
  type AnyRequestHandler,
  type BatchCall,
  type BatchOptions,
  type Channel,
  type ChannelEventHandler,
  type ChannelHealth,
  type ChannelState,
  type ChannelStats,
  type NextCall,
  type NotificationHandler,
  type RequestHandler,
  type RequestOptions,
} from "@procwire/transport";
import {
  createRemote,
  Interception,
  runBatch,
  type Breaker,
  type Events,
  type Stack,
} from "@procwire/transport/extend";
import type { Asides } from "./asides.js";
import { readCall, readOnce, type ReadCall } from "./call-options.js";
import type { Directory } from "./directory.js";
import { KeptStream, type Items } from "./kept-stream.js";
import { Repeats } from "./repeats.js";

export interface NatsChannelParts {
  /** Over the lives of the connection. */
  readonly inner: Channel;
  readonly stack: Stack;
  readonly asides: Asides;
  readonly directory: () => Directory | undefined;
  /** When the connection was restored last, on the clock of `performance.now()`. */
  readonly restoredAt: () => number;
  readonly breaker: Breaker | undefined;
  /** Those of the breaker; all others are the inner channel's. */
  readonly events: Events;
  readonly release: () => Promise<void>;
}

/** A channel to a service: any member answers. */
export class NatsChannel implements Channel {
  readonly pid = undefined;
  readonly remote: AnyRemote = createRemote(this);
  readonly #parts: NatsChannelParts;
  readonly #inner: Channel;
  readonly #interception: Interception;
  readonly #repeats: Repeats;
  #closing: Promise<void> | undefined;

  constructor(parts: NatsChannelParts) {
    const { requestInterceptor, tracer, onError } = parts.stack;
    this.#parts = parts;
    this.#inner = parts.inner;
    this.#interception = new Interception({ requestInterceptor, tracer, onError, pid: undefined });
    this.#repeats = new Repeats(parts);
  }

  get closed(): Promise<ChannelError> {
    return this.#inner.closed;
  }

  get state(): ChannelState {
    return this.#inner.state;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    return this.#intercepted(method, params, options) as Promise<Result>;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- see above
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const { asides, stack, directory } = this.#parts;
    const open = (call: NextCall): Items =>
      new KeptStream(asides, directory, () => {
        const { options: checked, aside } = readCall(call.method, call.options, stack.timeout);
        return { aside, items: this.#inner.stream(call.method, call.params, checked) as Items };
      });
    return this.#interception.stream(method, params, options, open) as AsyncIterableIterator<Item>;
  }

  batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    const request = (call: NextCall): Promise<unknown> => this.#call(call.method, call.params, call.options);
    const notify = (call: NextCall): Promise<void> => this.#inner.notify(call.method, call.params);
    return runBatch(calls, options, {
      interception: this.#interception,
      // Its calls are spread over the members like any others.
      array: (batched) => {
        for (const { method, params, options: given, waiter } of batched) {
          if (waiter === undefined) void notify({ method, params, options: undefined });
          else request({ method, params, options: given }).then(waiter.resolve, waiter.reject);
        }
      },
      request,
      notify,
    });
  }

  /** @param options `{ to: "all" }` for every member; else one of them gets it */
  notify(method: string, params?: object, options?: { readonly to?: "one" | "all" | undefined }): Promise<void> {
    const aside = options?.to === "all" ? { toAll: true } : undefined;
    const send = (call: NextCall): Promise<void> =>
      this.#parts.asides.during(aside, () => this.#inner.notify(call.method, call.params));
    if (!this.#interception.isNeeded) return send({ method, params, options: undefined });
    return this.#interception.notify(method, params, send);
  }

  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    return typeof first === "string" && handler !== undefined
      ? this.#inner.onRequest(first, handler)
      : this.#inner.onRequest(first as AnyRequestHandler);
  }

  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    return typeof first === "string" && handler !== undefined
      ? this.#inner.onNotification(first, handler)
      : this.#inner.onNotification(first as AnyNotificationHandler);
  }

  onEvent(handler: ChannelEventHandler): () => void {
    const removers = [this.#inner.onEvent(handler), this.#parts.events.add(handler)];
    return () => {
      for (const remove of removers) remove();
    };
  }

  health(): ChannelHealth {
    const { breaker } = this.#parts;
    const health = this.#inner.health();
    return { ...health, healthy: health.healthy && breaker?.state !== "open", breaker: breaker?.state };
  }

  stats(): ChannelStats {
    const stats = this.#inner.stats();
    // The connection's own repeats, and those from member to member.
    return { ...stats, repeated: stats.repeated + this.#repeats.count };
  }

  idle(): Promise<void> {
    return this.#inner.idle();
  }

  unref(): this {
    this.#inner.unref();
    return this;
  }

  ref(): this {
    this.#inner.ref();
    return this;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closing = this.#inner.close();
    this.#interception.close(new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side."));
    await closing;
    await this.#parts.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // Async: a getter of the options may throw.
  async #intercepted(method: string, params: object | undefined, given: RequestOptions | undefined): Promise<unknown> {
    const options = readOnce(given);
    const idempotent = isIdempotent(options);
    return this.#interception.request(method, params, options, (again) =>
      this.#call(again.method, again.params, asBefore(again.options, idempotent)),
    );
  }

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    const { asides, stack } = this.#parts;
    let call: ReadCall;
    try {
      call = readCall(method, options, stack.timeout);
    } catch (error) {
      return rejected(error);
    }
    if (call.isIdempotent || call.aside?.key !== undefined || this.#repeats.isUnsettled) {
      return this.#repeats.request(method, params, call);
    }
    return asides.during(call.aside, () => this.#inner.request<unknown>(method, params, call.options));
  }
}

/** Interceptors are not told whether a request may run twice; the channel is, whatever they do. */
function isIdempotent(options: RequestOptions | undefined): boolean {
  return typeof options === "object" && (options as unknown) !== null && options.idempotent === true;
}

function asBefore(options: RequestOptions | undefined, idempotent: boolean): RequestOptions | undefined {
  return idempotent ? { ...options, idempotent } : options;
}

/** With whatever was thrown: a getter of the options may throw anything. */
async function rejected(reason: unknown): Promise<never> {
  throw await Promise.resolve(reason);
}
