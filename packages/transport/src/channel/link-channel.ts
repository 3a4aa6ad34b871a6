import { ChannelError } from "../errors.js";
import { assertNoInput, Batch, checkCalls, type BatchCall, type BatchOptions } from "./outgoing/batch.js";
import { Caller } from "./outgoing/outgoing.js";
import { TurnClock } from "./records/clock.js";
import { explainExit } from "./records/errors.js";
import { Dispatcher } from "./incoming/incoming.js";
import { Handlers, type AnyRequestHandler, type RequestHandler } from "./incoming/handlers.js";
import { Interception } from "./around/interception.js";
import type { NextCall } from "./contract/interceptors.js";
import { Notifications, type AnyNotificationHandler, type NotificationHandler } from "./incoming/notifications.js";
import { Notifier } from "./outgoing/notifier.js";
import type { RequestOptions } from "./contract/options.js";
import type { ChannelParts } from "./contract/parts.js";
import { Receiver } from "./input/receiver.js";
import { createRemote, type AnyRemote } from "./around/remote.js";
import { Sender } from "./output/sender.js";
import { Counters, type ChannelStats } from "./records/counters.js";
import { Unsent } from "./output/unsent.js";

/**
 * Requests, notifications and handlers over one link. A channel ends once, for one recorded reason; everything that
 * waits is settled then.
 */
export class Channel {
  /** Process id of the worker; `undefined` where the link has no process. */
  readonly pid: number | undefined;
  /** Resolves with the one reason why the channel ended. Never rejects. */
  readonly closed: Promise<ChannelError>;
  /** The other side's methods as methods of an object: `channel.remote.add({ a: 1, b: 2 })`. */
  readonly remote: AnyRemote = createRemote(this);
  readonly #parts: ChannelParts;
  readonly #counters = new Counters();
  readonly #sender: Sender;
  readonly #interception: Interception;
  readonly #unsent: Unsent;
  readonly #notifier: Notifier;
  readonly #caller: Caller;
  readonly #handlers = new Handlers();
  readonly #dispatcher: Dispatcher;
  readonly #notifications: Notifications;
  readonly #receiver: Receiver;
  #ended: ChannelError | undefined;
  #released: Promise<void> = Promise.resolve();
  #resolveClosed: (reason: ChannelError) => void = () => undefined;

  constructor(parts: ChannelParts) {
    const { limits, onError, link } = parts;
    const clock = new TurnClock();
    const counters = this.#counters;
    this.#parts = parts;
    this.pid = parts.pid;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#sender = new Sender(parts, counters);
    this.#unsent = new Unsent(this.#sender);
    this.#interception = new Interception(parts);
    this.#notifier = new Notifier(parts, this.#sender, this.#unsent, this.#interception);
    this.#caller = new Caller(parts, this.#sender, this.#unsent, clock, counters);
    this.#dispatcher = new Dispatcher(this.#handlers, this.#sender, this.#notifier, {
      maxRunning: limits.maxInFlight,
      maxBytes: limits.maxHeldBytes,
      streamWindow: limits.streamWindow,
      interceptor: parts.handlerInterceptor,
    });
    this.#notifications = new Notifications({
      maxEarly: limits.maxEarlyNotifications,
      maxQueued: limits.maxQueuedNotifications,
      maxBytes: limits.maxHeldBytes,
      overflow: parts.notificationOverflow,
      onError,
      onDropped: () => (counters.notificationsDropped += 1),
    });
    this.#receiver = new Receiver(parts, {
      dispatcher: this.#dispatcher,
      caller: this.#caller,
      sender: this.#sender,
      notifications: this.#notifications,
      clock,
      counters,
      end: (cause) => {
        this.#end(cause);
      },
    });
    link.start({
      data: (chunk) => {
        this.#receiver.receive(chunk);
      },
      noise: (line) => {
        this.#receiver.printed(line);
      },
      end: (cause) => {
        this.#receiver.inputEnded();
        this.#end(explainExit(cause, counters));
      },
    });
  }

  /**
   * Calls a method on the other side.
   *
   * Rejects with an `RpcError` when the other side answers with an error, with the `signal`'s reason when it aborts,
   * and else with a `ChannelError`: `TIMEOUT`, `WORKER_EXITED`, `CHANNEL_CLOSED`, `OVERLOADED`, `MESSAGE_TOO_LARGE`,
   * `ENCODE_FAILED`, `MESSAGE_MALFORMED`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    const call = { kind: "request", method, params, options } as const;
    return this.#interception.run(call, (again) =>
      this.#call(again.method, again.params, again.options),
    ) as Promise<Result>;
  }

  /**
   * Calls a method that answers with a stream of items. The request is sent when the first item is asked for; leaving
   * the loop cancels it; the reader's pace holds the writer back. Fails as `request` does, in `next()`.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const open = (call: NextCall): AsyncIterableIterator<unknown> =>
      this.#caller.stream(call.method, call.params, call.options);
    const call = { kind: "stream", method, params, options } as const;
    const stream = this.#interception.isNeeded ? this.#interception.stream(call, open) : open(call);
    return stream as AsyncIterableIterator<Item>;
  }

  /**
   * Sends requests and notifications as one JSON-RPC batch; above `limits.maxBatchSize` as several. Resolves with one
   * settled result per call, in order; rejects when the batch can't be sent. With interceptors it leaves when each of its
   * calls has come through them. A call rejects with an `RpcError` as well when the other side refuses the batch.
   */
  async batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    assertNoInput(options);
    const checked = checkCalls(calls);
    const batch = new Batch(checked.length, (batched) => {
      this.#caller.batch(batched);
    });
    return batch.settle(checked.map((call, place) => this.#joinBatch(batch, place, call, options)));
  }

  /** Sends a notification. Resolves when it is handed to the pipe; rejects with a `ChannelError` when it can't be. */
  notify(method: string, params?: object): Promise<void> {
    return this.#notifier.notify(method, params);
  }

  /** Registers what answers requests from the other side: of one method, or of all that have no handler. */
  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    if (typeof first === "function") return this.#handlers.addFallback(first);
    return this.#handlers.add(asMethod(first, "onRequest"), asFunction(handler, "onRequest"));
  }

  /**
   * Registers a handler of notifications: of one method (gets `params`), or of all (gets the whole message). When it
   * returns a promise, it gets the next notification after that has settled.
   */
  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    if (typeof first === "function") return this.#notifications.addForAll(first);
    return this.#notifications.add(asMethod(first, "onNotification"), asFunction(handler, "onNotification"));
  }

  /** Counts since the channel was opened, and percentiles of the time that answers took. */
  stats(): ChannelStats {
    return this.#counters.snapshot({
      inFlight: this.#caller.inFlight,
      running: this.#dispatcher.running,
      queuedBytes: this.#sender.queuedBytes,
    });
  }

  /** Resolves when no handler of an incoming request is running. */
  idle(): Promise<void> {
    return this.#dispatcher.idle();
  }

  /** From now on the channel keeps the process alive only while a request waits for its answer. */
  unref(): this {
    const { link } = this.#parts;
    this.#caller.watchBusy((isBusy) => {
      if (isBusy) link.ref?.();
      else link.unref?.();
    });
    if (this.#caller.inFlight === 0) link.unref?.();
    return this;
  }

  /** Takes `unref` back: an open channel keeps the process alive. */
  ref(): this {
    this.#caller.watchBusy(undefined);
    this.#parts.link.ref?.();
    return this;
  }

  /**
   * Ends the channel from this side; requests in flight reject with `CHANNEL_CLOSED`. Resolves when the link has
   * released everything; with a worker process that is after its exit. Idempotent, bounded in time, never rejects.
   */
  close(): Promise<void> {
    this.#notifications.close();
    if (this.#ended === undefined) {
      const { farewell } = this.#parts;
      if (farewell !== undefined) void this.#notifier.send(farewell, {});
      this.#end(new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side."));
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#caller.call(method, params, options, resolve, reject);
    });
  }

  #joinBatch(batch: Batch, place: number, entry: BatchCall, options: BatchOptions | undefined): Promise<unknown> {
    const { method, params, notify = false } = entry;
    const kind = notify ? "notification" : "request";
    // A call that comes again, after the batch has left, goes by itself.
    const send = (call: NextCall): Promise<unknown> =>
      batch.join(place, call, notify) ??
      (notify ? this.#notifier.send(call.method, call.params) : this.#call(call.method, call.params, call.options));
    const call = { kind, method, params, options } as const;
    if (!this.#interception.isNeeded) return send(call);
    return this.#interception.run(call, send).finally(() => {
      batch.leave(place);
    });
  }

  /** The one place where a channel ends; the first cause wins. */
  #end(cause: ChannelError): void {
    if (this.#ended !== undefined) return;
    this.#ended = cause;
    this.#receiver.stop();
    this.#sender.end(cause);
    this.#unsent.clear();
    this.#caller.end(cause);
    this.#notifier.end(cause);
    this.#dispatcher.abortAll(cause);
    this.#released = this.#parts.link.close();
    this.#resolveClosed(cause);
  }
}

function asMethod(method: unknown, where: string): string {
  if (typeof method === "string") return method;
  throw new TypeError(`${where} needs the method's name, a string, or a function for all methods`);
}

function asFunction<Handler>(handler: Handler | undefined, where: string): Handler {
  if (typeof handler === "function") return handler;
  throw new TypeError(`${where} needs a function as handler`);
}
