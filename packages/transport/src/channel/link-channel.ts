import { ChannelError } from "../errors.js";
import type { BatchedCall } from "./outgoing/batch.js";
import { runBatch, sendSingly } from "./outgoing/run-batch.js";
import { assertBatches } from "./outgoing/wishes.js";
import type { BatchCall, BatchOptions } from "./contract/batch.js";
import type { Channel } from "./contract/channel.js";
import type { ChannelEventHandler, ChannelHealth, ChannelState } from "./contract/events.js";
import type {
  AnyNotificationHandler,
  AnyRequestHandler,
  NotificationHandler,
  RequestHandler,
} from "./contract/handlers.js";
import type { AnyRemote } from "./contract/remote.js";
import type { ChannelStats } from "./contract/stats.js";
import { handOver } from "./outgoing/hand-over.js";
import { Outgoing } from "./outgoing/outgoing.js";
import { afterRejections } from "./outgoing/reject-traced.js";
import { TurnClock } from "./records/clock.js";
import { Incoming } from "./incoming/incoming.js";
import { incomingOptions } from "./incoming/incoming-options.js";
import { Handlers } from "./incoming/handlers.js";
import { Interception } from "./around/interception.js";
import type { NextCall } from "./contract/interceptors.js";
import { notificationsOf, type Notifications } from "./incoming/notifications.js";
import { Ceremony } from "./output/ceremony.js";
import { Notifier } from "./outgoing/notifier.js";
import type { RequestOptions } from "./contract/request-options.js";
import type { ChannelParts, OwnParts } from "./contract/parts.js";
import { controlsOf } from "./input/control.js";
import { Receiver } from "./input/receiver.js";
import { createRemote } from "./around/remote.js";
import { GoneLink } from "./output/gone-link.js";
import { Hold } from "./output/hold.js";
import { Sender } from "./output/sender.js";
import { Silence } from "./records/silence.js";
import { Unsent } from "./output/unsent.js";
import { Events } from "./records/events.js";
import { healthOf } from "./records/health.js";
import { Lasting } from "./lasting.js";
import { sayGoodbye, type Parting } from "./parting.js";
import type { Life } from "./life.js";
import type { Payload } from "../framing/contract.js";
import type { Link } from "../link/contract.js";

/** A channel over one link, for the life of that link. */
export class LinkChannel implements Channel {
  readonly closed: Promise<ChannelError>;
  readonly remote: AnyRemote = createRemote(this);
  readonly #parts: OwnParts;
  readonly #life: Life<LinkChannel> | undefined;
  readonly #lasting: Lasting;
  readonly #sender: Sender;
  readonly #interception: Interception;
  readonly unsent: Unsent;
  readonly outgoing: Outgoing;
  /** The other side takes nothing any more: what is said waits, and goes to the heir. */
  isGone = false;
  readonly #notifier: Notifier;
  readonly #incoming: Incoming;
  readonly #notifications: Notifications;
  readonly #receiver: Receiver;
  readonly #hold: Hold;
  #events: Events | undefined;
  #isPending: boolean;
  #parting: Parting | undefined;
  #ended: ChannelError | undefined;
  #isReleased = false;
  #released: Promise<void> = Promise.resolve();
  #resolveClosed: (reason: ChannelError) => void = () => undefined;

  constructor(given: ChannelParts, life?: Life<LinkChannel>) {
    const parts: OwnParts = { ...given };
    const clock = new TurnClock();
    const end = this.end.bind(this);
    this.#parts = parts;
    this.#life = life;
    this.#lasting = life?.lasting ?? new Lasting();
    this.#isPending = life?.isPending ?? false;
    if (this.#isPending) parts.whenFull = "wait";
    const { counters, ids, registry } = this.#lasting;
    const ceremony = Ceremony.of(parts.dialect, parts.answersUnreadable);
    const silence = new Silence(parts, counters, !this.#isPending, ceremony);
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#sender = new Sender(parts, counters);
    this.unsent = new Unsent(this.#sender, parts.limits.maxHeldBytes, life?.onWaiting, ceremony);
    this.#interception = new Interception(parts);
    this.#notifier = new Notifier(parts, this.#sender, this.unsent, this.#interception);
    const records = { clock, counters, silence, ids, unstopped: life?.unstopped };
    this.outgoing = new Outgoing(parts, this.#sender, this.unsent, records);
    this.#hold = new Hold(parts, this.outgoing);
    const handlers = new Handlers(registry, parts.dialect, ceremony, parts.onFarewell);
    const options = incomingOptions(parts, end, this.request.bind(this));
    this.#incoming = new Incoming(handlers, this.#sender, this.#notifier, options);
    this.#notifications = notificationsOf(parts, registry, counters);
    this.#receiver = new Receiver(parts, {
      incoming: this.#incoming,
      outgoing: this.outgoing,
      sender: this.#sender,
      notifications: this.#notifications,
      clock,
      counters,
      silence,
      ...controlsOf(parts),
      gone: this.#gone.bind(this),
      end,
    });
    parts.link.start(this.#receiver);
  }

  get pid(): number | undefined {
    return this.#parts.pid;
  }

  get state(): ChannelState {
    if (this.#ended === undefined) return this.#isPending ? "starting" : "ready";
    return this.#isReleased ? "closed" : "closing";
  }

  get inFlight(): number {
    return this.outgoing.inFlight;
  }

  /** Why it has ended; `undefined` as long as it has not. */
  get ended(): ChannelError | undefined {
    return this.#ended;
  }

  /** Resolves when the link has released everything, after the end. */
  get released(): Promise<void> {
    return this.#released;
  }

  /** The link is there: what has waited for it leaves first. */
  attach(link: Link, pid: number | undefined, whenFull: "fail" | "wait"): void {
    this.#parts.link = link;
    this.#parts.pid = pid;
    this.#isPending = false;
    this.#hold.attached();
    link.start(this.#receiver);
    this.outgoing.connected();
    this.unsent.sendNow();
    if (!this.isGone) this.#parts.whenFull = whenFull;
  }

  #gone(): void {
    this.isGone = true;
    this.#parts.link = new GoneLink(this.#parts.link);
    this.#parts.whenFull = "wait";
    this.outgoing.gone();
    this.#life?.onGone?.();
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  request<Result = any>(method: string, params?: object, options?: RequestOptions): Promise<Result> {
    if (!this.#interception.isNeeded) return this.#call(method, params, options) as Promise<Result>;
    return this.#interception.request(method, params, options, this.#callAgain) as Promise<Result>;
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  stream<Item = any>(method: string, params?: object, options?: RequestOptions): AsyncIterableIterator<Item> {
    const open = (call: NextCall): AsyncIterableIterator<unknown> =>
      this.outgoing.stream(call.method, call.params, call.options);
    return this.#interception.stream(method, params, options, open) as AsyncIterableIterator<Item>;
  }

  batch(calls: readonly BatchCall[], options?: BatchOptions): Promise<PromiseSettledResult<unknown>[]> {
    return runBatch(calls, options, {
      interception: this.#interception,
      array: (batched) => {
        this.sendBatch(batched);
      },
      request: this.#callAgain,
      notify: this.#notifyAgain,
    });
  }

  /** The calls of one batch, past interceptors. Throws what they can be refused with. */
  sendBatch(calls: readonly BatchedCall[]): void {
    assertBatches(this.#parts.dialect);
    if (this.#isPending || this.isGone) sendSingly(calls, { request: this.#callAgain, notify: this.#notifyAgain });
    else this.outgoing.batch(calls);
  }

  notify(method: string, params?: object): Promise<void> {
    return this.#notifier.notify(method, params);
  }

  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    return this.#lasting.registry.onRequest(first, handler);
  }

  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    return this.#lasting.registry.onNotification(first, handler);
  }

  onEvent(handler: ChannelEventHandler): () => void {
    this.#events ??= new Events(this.#parts.onError);
    return this.#events.add(handler);
  }

  health(): ChannelHealth {
    return healthOf(this);
  }

  stats(): ChannelStats {
    return this.#lasting.counters.snapshot({
      inFlight: this.inFlight,
      running: this.#incoming.running,
      queuedBytes: this.#isPending || this.isGone ? 0 : this.#sender.queuedBytes,
    });
  }

  idle(): Promise<void> {
    return this.#incoming.idle();
  }

  unref(): this {
    this.#hold.unref();
    return this;
  }

  ref(): this {
    this.#hold.ref();
    return this;
  }

  close(): Promise<void> {
    this.#notifications.close();
    if (this.#ended === undefined) {
      if (this.#parts.onFarewell !== undefined) this.#incoming.cancelAll();
      const { ids } = this.#lasting;
      if (!this.#isPending && !this.isGone)
        this.#parting = sayGoodbye(this.#parts, this.unsent.ceremony, this.#notifier, ids);
      const cause = new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side.");
      this.end(cause);
      this.#interception.close(cause);
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Gives another channel what waits here to be sent. False when it does not wait any more. */
  pass(owner: object, heir: LinkChannel): boolean {
    const payload = this.unsent.take(owner);
    if (payload !== undefined) this.#bequeath(owner, payload, heir);
    return payload !== undefined;
  }

  #bequeath(owner: object, payload: Payload, heir: LinkChannel): void {
    if (!handOver(this.outgoing, owner, payload, heir.outgoing))
      this.#notifier.handOver(owner, payload, heir.#notifier);
  }

  readonly #notifyAgain = (call: NextCall): Promise<void> => this.#notifier.send(call.method, call.params);
  readonly #callAgain = (call: NextCall): Promise<unknown> => this.#call(call.method, call.params, call.options);

  #call(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.outgoing.call(method, params, options, resolve, reject);
    });
  }

  /** The one place where a channel ends; the first cause wins. */
  end(cause: ChannelError): void {
    if (this.#ended !== undefined) return;
    this.#ended = cause;
    this.#receiver.stop(this.#parting);
    this.#sender.end(cause);
    const heir = this.#life?.onEnd(cause);
    for (const { owner, payload } of this.unsent.takeAll()) {
      if (heir !== undefined) this.#bequeath(owner, payload, heir);
    }
    this.outgoing.end(cause);
    this.#notifier.end(cause);
    this.#incoming.abortAll(cause);
    if (this.#life !== undefined) this.#notifications.leave();
    this.#release(cause);
  }

  #release(cause: ChannelError): void {
    const { exitCode, signal, stderr } = cause;
    this.#events?.emit({ type: "exited", pid: this.pid, exitCode, signal, stderr, reason: cause });
    const told = afterRejections();
    const closed = this.#parting?.over.then(() => this.#parts.link.close()) ?? this.#parts.link.close();
    this.#released = Promise.all([closed, told]).then(() => {
      this.#isReleased = true;
    });
    void told.then(() => {
      this.#resolveClosed(cause);
    });
  }
}
