import { nameOf } from "../../checks/name-of.js";
import type {
  AnyNotificationHandler,
  AnyRequestHandler,
  NotificationHandler,
  RequestHandler,
} from "../contract/handlers.js";

/** A handler of notifications, from `onNotification` to its disposer. */
export interface Subscription {
  /** `undefined`: of all methods. */
  readonly method: string | undefined;
  readonly handler: NotificationHandler;
  isRemoved: boolean;
}

/** Where notifications arrive: a channel, for the life of its link. */
export interface Subscriber {
  added(subscription: Subscription): void;
  removed(subscription: Subscription): void;
}

/**
 * What this side serves: handlers of requests, and of notifications. It knows no link, so that a channel over the next
 * one serves the same; what runs and what waits is of each life by itself.
 */
export class HandlerRegistry {
  readonly #byMethod = new Map<string, RequestHandler>();
  #fallback: AnyRequestHandler | undefined;
  readonly #subscriptions = new Set<Subscription>();
  readonly #subscribers = new Set<Subscriber>();

  /** The handlers of requests, by method. */
  get byMethod(): ReadonlyMap<string, RequestHandler> {
    return this.#byMethod;
  }

  /** Answers the requests that no other handler does. */
  get fallback(): AnyRequestHandler | undefined {
    return this.#fallback;
  }

  /** How many channels are served by it now. */
  get lives(): number {
    return this.#subscribers.size;
  }

  /** Returns what removes the handler again. Throws when the method has one: two could not both answer. */
  onRequest(first: string | AnyRequestHandler, handler?: RequestHandler): () => void {
    if (typeof first === "function") return this.#addFallback(first);
    return this.#add(asMethod(first, "onRequest"), asFunction(handler, "onRequest", first));
  }

  /** Returns what removes the handler again. */
  onNotification(first: string | AnyNotificationHandler, handler?: NotificationHandler): () => void {
    if (typeof first === "function") return this.#subscribe(undefined, first);
    return this.#subscribe(asMethod(first, "onNotification"), asFunction(handler, "onNotification", first));
  }

  /** From now on the subscriber hears which handlers there are, those that are there already first. */
  join(subscriber: Subscriber): void {
    this.#subscribers.add(subscriber);
    for (const subscription of this.#subscriptions) subscriber.added(subscription);
  }

  leave(subscriber: Subscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Nothing is served any more, also not what waits for a handler since the end of a link. */
  close(): void {
    for (const subscription of this.#subscriptions) subscription.isRemoved = true;
    this.#subscriptions.clear();
  }

  #add(method: string, handler: RequestHandler): () => void {
    if (this.#byMethod.has(method)) throw new Error(`A handler for requests of "${method}" is registered already.`);
    this.#byMethod.set(method, handler);
    return once(() => this.#byMethod.delete(method));
  }

  #addFallback(handler: AnyRequestHandler): () => void {
    if (this.#fallback !== undefined) throw new Error("A handler for all requests is registered already.");
    this.#fallback = handler;
    return once(() => (this.#fallback = undefined));
  }

  #subscribe(method: string | undefined, handler: NotificationHandler): () => void {
    const subscription = { method, handler, isRemoved: false };
    this.#subscriptions.add(subscription);
    for (const subscriber of this.#subscribers) subscriber.added(subscription);
    return once(() => {
      subscription.isRemoved = true;
      this.#subscriptions.delete(subscription);
      for (const subscriber of this.#subscribers) subscriber.removed(subscription);
    });
  }
}

/** A disposer that is called again must not take away what was added in the meantime. */
function once(remove: () => unknown): () => void {
  let isDone = false;
  return () => {
    if (!isDone) remove();
    isDone = true;
  };
}

function asMethod(method: unknown, where: string): string {
  if (typeof method === "string") return method;
  throw new TypeError(
    `${where} needs the name of a method, a string, or a function for all methods; not ${nameOf(method)}.`,
  );
}

function asFunction<Handler>(handler: Handler | undefined, where: string, method: string): Handler {
  if (typeof handler === "function") return handler;
  throw new TypeError(`${where} needs a function as the handler of "${method}", not ${nameOf(handler)}.`);
}
