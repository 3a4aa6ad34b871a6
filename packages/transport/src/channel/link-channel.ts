import { ChannelError } from "../errors.js";
import { assertNoInput, Batch, checkCalls } from "./outgoing/batch.js";
import type { BatchCall, BatchOptions } from "./contract/batch.js";
import type { Channel } from "./contract/channel.js";
import type {
  AnyNotificationHandler,
  AnyRequestHandler,
  NotificationHandler,
  RequestHandler,
} from "./contract/handlers.js";
import type { AnyRemote } from "./contract/remote.js";
import type { ChannelStats } from "./contract/stats.js";
import { Outgoing } from "./outgoing/outgoing.js";
import { TurnClock } from "./records/clock.js";
import { Refusals } from "./incoming/refusals.js";
import { Incoming } from "./incoming/incoming.js";
import { Handlers } from "./incoming/handlers.js";
import { HandlerRegistry } from "./incoming/registry.js";
import { Interception } from "./around/interception.js";
import type { NextCall } from "./contract/interceptors.js";
import { Notifications } from "./incoming/notifications.js";
import { Notifier } from "./outgoing/notifier.js";
import type { RequestOptions } from "./contract/request-options.js";
import type { ChannelParts } from "./contract/parts.js";
import { controlsByMethod } from "./input/control.js";
import { Receiver } from "./input/receiver.js";
import { createRemote } from "./around/remote.js";
import { Sender } from "./output/sender.js";
import { Counters } from "./records/counters.js";
import { Unsent } from "./output/unsent.js";

/** A channel over one link, for the life of that link. */
export class LinkChannel implements Channel {
  readonly pid: number | undefined;
  readonly closed: Promise<ChannelError>;
  readonly remote: AnyRemote = createRemote(this);
  readonly #parts: ChannelParts;
  readonly #counters = new Counters();
  readonly #sender: Sender;
  readonly #interception: Interception;
  readonly #unsent: Unsent;
  readonly #notifier: Notifier;
  readonly #outgoing: Outgoing;
  readonly #registry: HandlerRegistry;
  readonly #isRegistryShared: boolean;
  readonly #incoming: Incoming;
  readonly #notifications: Notifications;
  readonly #receiver: Receiver;
  #ended: ChannelError | undefined;
  #released: Promise<void> = Promise.resolve();
  #resolveClosed: (reason: ChannelError) => void = () => undefined;

  /** @param registry the handlers to serve, where they are to outlive the link */
  constructor(parts: ChannelParts, registry?: HandlerRegistry) {
    const { limits, onError, link } = parts;
    const clock = new TurnClock();
    const counters = this.#counters;
    this.#parts = parts;
    this.pid = parts.pid;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#registry = registry ?? new HandlerRegistry();
    this.#isRegistryShared = registry !== undefined;
    this.#sender = new Sender(parts, counters);
    this.#unsent = new Unsent(this.#sender, limits.maxHeldBytes);
    this.#interception = new Interception(parts);
    this.#notifier = new Notifier(parts, this.#sender, this.#unsent, this.#interception);
    this.#outgoing = new Outgoing(parts, this.#sender, this.#unsent, clock, counters);
    this.#incoming = new Incoming(new Handlers(this.#registry, parts.dialect), this.#sender, this.#notifier, {
      maxRunning: limits.maxInFlight,
      maxBytes: limits.maxHeldBytes,
      streamWindow: limits.streamWindow,
      interceptor: parts.handlerInterceptor,
      refusals: new Refusals(limits.maxHeldBytes, (cause) => {
        this.#end(cause);
      }),
    });
    this.#notifications = new Notifications(this.#registry, {
      maxEarly: limits.maxEarlyNotifications,
      maxQueued: limits.maxQueuedNotifications,
      maxBytes: limits.maxHeldBytes,
      overflow: parts.notificationOverflow,
      onError,
      onDropped: () => (counters.notificationsDropped += 1),
    });
    this.#receiver = new Receiver(parts, {
      incoming: this.#incoming,
      outgoing: this.#outgoing,
      sender: this.#sender,
      notifications: this.#notifications,
      clock,
      counters,
      controls: controlsByMethod(parts.dialect),
      onError,
      end: (cause) => {
        this.#end(cause);
      },
    });
    link.start(this.#receiver);
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    const call = { kind: "request", method, params, options } as const;
    return this.#interception.run(call, (again) =>
      this.#call(again.method, again.params, again.options),
    ) as Promise<Result>;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const open = (call: NextCall): AsyncIterableIterator<unknown> =>
      this.#outgoing.stream(call.method, call.params, call.options);
    const call = { kind: "stream", method, params, options } as const;
    const stream = this.#interception.isNeeded ? this.#interception.stream(call, open) : open(call);
    return stream as AsyncIterableIterator<Item>;
  }

  async batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    assertNoInput(options);
    const checked = checkCalls(calls);
    const batch = new Batch(checked.length, (batched) => {
      this.#outgoing.batch(batched);
    });
    return batch.settle(checked.map((call, place) => this.#joinBatch(batch, place, call, options)));
  }

  notify(method: string, params?: object): Promise<void> {
    return this.#notifier.notify(method, params);
  }

  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    return this.#registry.onRequest(first, handler);
  }

  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    return this.#registry.onNotification(first, handler);
  }

  stats(): ChannelStats {
    return this.#counters.snapshot({
      inFlight: this.#outgoing.inFlight,
      running: this.#incoming.running,
      queuedBytes: this.#sender.queuedBytes,
    });
  }

  idle(): Promise<void> {
    return this.#incoming.idle();
  }

  unref(): this {
    const { link } = this.#parts;
    this.#outgoing.watchBusy((isBusy) => {
      if (isBusy) link.ref?.();
      else link.unref?.();
    });
    if (this.#outgoing.inFlight === 0) link.unref?.();
    return this;
  }

  ref(): this {
    this.#outgoing.watchBusy(undefined);
    this.#parts.link.ref?.();
    return this;
  }

  close(): Promise<void> {
    this.#notifications.close();
    if (this.#ended === undefined) {
      const { farewell } = this.#parts;
      if (farewell !== undefined) void this.#notifier.send(farewell, {});
      const cause = new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side.");
      this.#end(cause);
      this.#interception.close(cause);
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#outgoing.call(method, params, options, resolve, reject);
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
    this.#outgoing.end(cause);
    this.#notifier.end(cause);
    this.#incoming.abortAll(cause);
    if (this.#isRegistryShared) this.#notifications.leave();
    this.#released = this.#parts.link.close();
    this.#resolveClosed(cause);
  }
}
