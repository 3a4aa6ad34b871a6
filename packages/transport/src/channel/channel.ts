import { ChannelError } from "../errors.js";
import type { Framing, Payload } from "../framing/contract.js";
import { fits } from "../framing/payload.js";
import type { Limits } from "../limits.js";
import type { Link } from "../link/contract.js";
import type { Wire } from "../protocol/contract.js";
import { AbortGroups } from "./abort-groups.js";
import { DeadlineTimer } from "./deadline-timer.js";
import { Dispatcher, type AnyRequestHandler, type RequestHandler } from "./dispatcher.js";
import { encodeError, endedRequestError, overloadedError, timeoutError, tooLargeError } from "./end-errors.js";
import { Notifications, type AnyNotificationHandler, type NotificationHandler } from "./notifications.js";
import { resolveTimeout, type RequestOptions } from "./options.js";
import type { ChannelParts } from "./parts.js";
import { PendingRequests, type PendingRequest } from "./pending.js";
import { Receiver } from "./receiver.js";

/**
 * Requests, notifications and handlers over one link. A channel ends once, for one recorded reason; everything that
 * waits is settled then.
 */
export class Channel {
  /** Process id of the worker; `undefined` where the link has no process. */
  readonly pid: number | undefined;
  /** Resolves with the one reason why the channel ended. Never rejects. */
  readonly closed: Promise<ChannelError>;
  readonly #link: Link;
  readonly #framing: Framing;
  readonly #wire: Wire;
  readonly #limits: Limits;
  readonly #timeout: number;
  readonly #farewell: string | undefined;
  readonly #pending = new PendingRequests();
  readonly #deadlines: DeadlineTimer;
  readonly #aborts: AbortGroups;
  readonly #dispatcher: Dispatcher;
  readonly #notifications: Notifications;
  readonly #receiver: Receiver;
  #lastId = 0;
  #ended: ChannelError | undefined;
  #released: Promise<void> = Promise.resolve();
  #resolveClosed: (reason: ChannelError) => void = () => undefined;

  constructor(parts: ChannelParts) {
    this.pid = parts.pid;
    this.#link = parts.link;
    this.#framing = parts.framing;
    this.#wire = parts.wire;
    this.#limits = parts.limits;
    this.#timeout = parts.timeout;
    this.#farewell = parts.farewell;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    this.#deadlines = new DeadlineTimer((now) => this.#expire(now));
    this.#aborts = new AbortGroups((id, reason) => {
      this.#abandon(id, reason);
    });
    this.#dispatcher = new Dispatcher(this.#replies(), parts.limits.maxInFlight);
    this.#notifications = new Notifications(parts.limits.maxEarlyNotifications, parts.onError);
    this.#receiver = new Receiver(parts, {
      dispatcher: this.#dispatcher,
      notifications: this.#notifications,
      peekRequest: (id) => this.#pending.get(id),
      takeRequest: (id) => this.#take(id),
      sendError: (id, error) => {
        this.#send("an error answer", this.#wire.error(id, error));
      },
      end: (cause) => {
        this.#end(cause);
      },
    });
    this.#link.start({
      data: (chunk) => {
        this.#receiver.receive(chunk);
      },
      end: (cause) => {
        this.#receiver.inputEnded();
        this.#end(cause);
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
    return this.#request(method, params, options) as Promise<Result>;
  }

  /** Sends a notification. Resolves when it is handed to the pipe; rejects with a `ChannelError` when it can't be. */
  notify(method: string, params?: object): Promise<void> {
    try {
      this.#sendNotification(method, params);
    } catch (error) {
      return rejectQuietly(error);
    }
    return this.#link.flushed();
  }

  /** Registers what answers requests from the other side: of one method, or of all that have no handler. */
  onRequest(method: string, handler: RequestHandler): () => void;
  onRequest(handler: AnyRequestHandler): () => void;
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    if (typeof first === "function") return this.#dispatcher.addFallback(first);
    return this.#dispatcher.add(first, asFunction(handler, "onRequest"));
  }

  /** Registers a handler of notifications: of one method (gets `params`), or of all (gets the whole message). */
  onNotification(method: string, handler: NotificationHandler): () => void;
  onNotification(handler: AnyNotificationHandler): () => void;
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    if (typeof first === "function") return this.#notifications.addForAll(first);
    return this.#notifications.add(first, asFunction(handler, "onNotification"));
  }

  /** Resolves when no handler of an incoming request is running. */
  idle(): Promise<void> {
    return this.#dispatcher.idle();
  }

  /**
   * Ends the channel from this side; requests in flight reject with `CHANNEL_CLOSED`. Resolves when the link has
   * released everything; with a worker process that is after its exit. Idempotent, bounded in time, never rejects.
   */
  close(): Promise<void> {
    if (this.#ended === undefined) {
      if (this.#farewell !== undefined) void this.notify(this.#farewell, {});
      this.#end(new ChannelError("CHANNEL_CLOSED", "The channel was closed by this side."));
    }
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #request(method: string, params: object | undefined, options: RequestOptions | undefined): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const signal = options?.signal;
      signal?.throwIfAborted();
      this.#assertCanRequest(method);
      const timeout = options?.timeout === undefined ? this.#timeout : resolveTimeout(options.timeout);
      const id = ++this.#lastId;
      this.#send(method, this.#encodeRequest(id, method, params));
      const deadline = timeout === Infinity ? Infinity : this.#deadlineIn(timeout);
      const onProgress = options?.onProgress;
      this.#pending.add({ id, method, resolve, reject, deadline, timeout, signal, onProgress });
      if (signal !== undefined) this.#aborts.add(signal, id);
    });
  }

  #sendNotification(method: string, params: object | undefined): void {
    if (this.#ended !== undefined) throw endedRequestError(this.#ended, method, "not-sent");
    if (this.#link.queuedBytes > this.#limits.maxQueuedBytes) throw overloadedError(method, "limits.maxQueuedBytes");
    this.#send(method, this.#encodeNotification(method, params));
  }

  #assertCanRequest(method: string): void {
    if (this.#ended !== undefined) throw endedRequestError(this.#ended, method, "not-sent");
    if (this.#pending.size >= this.#limits.maxInFlight) throw overloadedError(method, "limits.maxInFlight");
    if (this.#link.queuedBytes > this.#limits.maxQueuedBytes) throw overloadedError(method, "limits.maxQueuedBytes");
  }

  #deadlineIn(timeout: number): number {
    const now = performance.now();
    this.#deadlines.cover(now + timeout, now);
    return now + timeout;
  }

  #encodeRequest(id: number, method: string, params: object | undefined): Payload {
    try {
      return this.#wire.request(id, method, params);
    } catch (error) {
      throw encodeError(method, error);
    }
  }

  #encodeNotification(method: string, params: object | undefined): Payload {
    try {
      return this.#wire.notification(method, params);
    } catch (error) {
      throw encodeError(method, error);
    }
  }

  /** Checks the size and hands the payload on. Throws `MESSAGE_TOO_LARGE` before anything of it is written. */
  #send(what: string, payload: Payload): void {
    if (!fits(payload, this.#limits.maxMessageBytes)) throw tooLargeError(what, this.#limits.maxMessageBytes);
    this.#framing.encode(payload, this.#link);
  }

  /** Takes a request out of the pending ones; whoever gets it settles it. */
  #take(id: number | string | null): PendingRequest | undefined {
    const request = this.#pending.take(id);
    if (request?.signal !== undefined) this.#aborts.remove(request.signal, request.id);
    return request;
  }

  /** Settles a request that this side does not wait for any more, and tells the other side. */
  #abandon(id: number, reason: unknown): void {
    const request = this.#take(id);
    if (request === undefined) return;
    request.reject(reason);
    if (this.#ended === undefined) void this.notify("$/cancelRequest", { id });
  }

  #expire(now: number): number {
    const { expired, nextDeadline } = this.#pending.takeExpired(now);
    for (const request of expired) {
      if (request.signal !== undefined) this.#aborts.remove(request.signal, request.id);
      request.reject(timeoutError(request.method, request.timeout));
      if (this.#ended === undefined) void this.notify("$/cancelRequest", { id: request.id });
    }
    return nextDeadline;
  }

  /** The one place where a channel ends; the first cause wins. */
  #end(cause: ChannelError): void {
    if (this.#ended !== undefined) return;
    this.#ended = cause;
    this.#deadlines.stop();
    this.#receiver.stop();
    for (const request of this.#pending.takeAll()) {
      if (request.signal !== undefined) this.#aborts.remove(request.signal, request.id);
      request.reject(endedRequestError(cause, request.method, "unknown"));
    }
    this.#dispatcher.abortAll(cause);
    this.#released = this.#link.close();
    this.#resolveClosed(cause);
  }

  #replies(): ConstructorParameters<typeof Dispatcher>[0] {
    return {
      result: (id, result) => {
        if (this.#ended === undefined) this.#send("the result", this.#wire.result(id, result));
      },
      error: (id, error) => {
        if (this.#ended === undefined) this.#send("the error", this.#wire.error(id, error));
      },
      notify: (method, params) => this.notify(method, params as object | undefined),
    };
  }
}

function asFunction<Handler>(handler: Handler | undefined, where: string): Handler {
  if (typeof handler === "function") return handler;
  throw new TypeError(`${where} needs a function as handler`);
}

/** A notification that nobody waits for must not become an unhandled rejection. */
function rejectQuietly(error: unknown): Promise<void> {
  const failed = new Promise<void>(() => {
    throw error;
  });
  failed.catch(() => undefined);
  return failed;
}
