import type { NotificationOverflow, NotificationSource } from "../contract/handlers.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Counters } from "../records/counters.js";
import type { NotificationMessage } from "../../protocol/contract.js";
import { HeldQueue } from "./held-queue.js";
import { isThenable, watch } from "../contract/outcome.js";
import type { HandlerRegistry, Subscriber, Subscription } from "./registry.js";

export interface NotificationOptions {
  readonly maxEarly: number;
  readonly maxQueued: number;
  /** Of the early ones together, and of those that wait for one handler. */
  readonly maxBytes: number;
  readonly overflow: NotificationOverflow;
  readonly onError: (error: unknown) => void;
  readonly onDropped: () => void;
  /** Whom they come from. */
  readonly source: NotificationSource;
}

/** Of a channel. */
export function notificationsOf(parts: ChannelParts, registry: HandlerRegistry, counters: Counters): Notifications {
  const { limits, notificationOverflow, onError } = parts;
  return new Notifications(registry, {
    maxEarly: limits.maxEarlyNotifications,
    maxQueued: limits.maxQueuedNotifications,
    maxBytes: limits.maxHeldBytes,
    overflow: notificationOverflow,
    onError,
    onDropped: () => (counters.notificationsDropped += 1),
    source: {
      // The process may be known later.
      get pid() {
        return parts.pid;
      },
    },
  });
}

type Queues = readonly HandlerQueue[];

/**
 * Hands the notifications of one link to the handlers of a registry, in order of arrival. One that nobody handles yet is
 * kept until a handler for it is added: a worker may speak before the line after `createStdioChannel` has run.
 */
export class Notifications implements Subscriber {
  // A list is never changed, only replaced: handlers come and go while a notification is handed to them.
  readonly #byMethod = new Map<string, Queues>();
  #forAll: Queues = [];
  readonly #registry: HandlerRegistry;
  readonly #options: NotificationOptions;
  readonly #early: HeldQueue<NotificationMessage>;
  /** For which kept notifications a handler was added in this turn. */
  #replays: ((message: NotificationMessage) => boolean)[] = [];
  #isClosed = false;

  constructor(registry: HandlerRegistry, options: NotificationOptions) {
    this.#registry = registry;
    this.#options = options;
    this.#early = new HeldQueue(options.maxEarly, options.maxBytes);
    registry.join(this);
  }

  /** Called by the registry. */
  added(subscription: Subscription): void {
    const { method } = subscription;
    const queue = new HandlerQueue(subscription, this.#options);
    if (method === undefined) this.#forAll = [...this.#forAll, queue];
    else this.#byMethod.set(method, [...(this.#byMethod.get(method) ?? []), queue]);
    this.#replay((message) => method === undefined || message.method === method);
  }

  /** Called by the registry. */
  removed(subscription: Subscription): void {
    const { method } = subscription;
    if (method === undefined) {
      this.#forAll = without(this.#forAll, subscription);
      return;
    }
    const others = without(this.#byMethod.get(method), subscription);
    if (others.length > 0) this.#byMethod.set(method, others);
    else this.#byMethod.delete(method);
  }

  /** @param bytes the size of the frame that it came in */
  deliver(message: NotificationMessage, bytes: number): void {
    // What was kept comes first, also when a notification arrives before the replay had its turn.
    if (this.#replays.length > 0) this.#replayNow();
    this.#hand(message, bytes);
  }

  /** Hands it on if somebody waits for it, and else forgets it. */
  deliverIfHandled(message: NotificationMessage, bytes: number): void {
    if (this.#byMethod.has(message.method) || this.#forAll.length > 0) this.deliver(message, bytes);
  }

  /**
   * The link has ended, and the registry goes on without it: what waits for a handler is still handed to it, and what
   * nobody has taken is dropped.
   */
  leave(): void {
    this.#replayNow();
    this.#registry.leave(this);
    for (const _dropped of this.#early.takeAll()) this.#options.onDropped();
  }

  /** This side has closed the channel: nothing is delivered any more, also not what is here already. */
  close(): void {
    this.#isClosed = true;
    this.#registry.leave(this);
    this.#replays = [];
    this.#early.takeAll();
    for (const queues of [...this.#byMethod.values(), this.#forAll]) for (const queue of queues) queue.stop();
  }

  #hand(message: NotificationMessage, bytes: number): void {
    if (this.#isClosed) return;
    const forMethod = this.#byMethod.get(message.method);
    const forAll = this.#forAll;
    if (forMethod === undefined && forAll.length === 0) {
      this.#keep(message, bytes);
      return;
    }
    if (forMethod !== undefined) for (const queue of forMethod) queue.push(message.params, bytes);
    for (const queue of forAll) queue.push(message.raw, bytes);
  }

  #keep(message: NotificationMessage, bytes: number): void {
    this.#early.push(message, bytes);
    while (this.#early.isOver) {
      this.#early.shift();
      this.#options.onDropped();
    }
  }

  /** In a microtask, so that the caller has its disposer first. */
  #replay(isMeant: (message: NotificationMessage) => boolean): void {
    if (this.#early.length === 0) return;
    this.#replays.push(isMeant);
    queueMicrotask(() => {
      this.#replayNow();
    });
  }

  #replayNow(): void {
    const replays = this.#replays.splice(0);
    for (const { value, bytes } of this.#early.takeAll()) {
      if (replays.some((isMeant) => isMeant(value))) this.#hand(value, bytes);
      else if (!this.#isClosed) this.#early.push(value, bytes);
    }
  }
}

/** Of the handler that was removed, nothing more is wanted either. */
function without(queues: Queues | undefined, subscription: Subscription): Queues {
  return (queues ?? []).filter((queue) => {
    if (queue.subscription !== subscription) return true;
    queue.stop();
    return false;
  });
}

/** One handler. What it returns is waited for before it gets the next one; meanwhile a bounded number waits. */
class HandlerQueue {
  readonly subscription: Subscription;
  readonly #options: NotificationOptions;
  readonly #waiting: HeldQueue<unknown>;
  #isBusy = false;
  #isStopped = false;

  constructor(subscription: Subscription, options: NotificationOptions) {
    this.subscription = subscription;
    this.#options = options;
    this.#waiting = new HeldQueue(options.maxQueued, options.maxBytes);
  }

  push(value: unknown, bytes: number): void {
    if (this.#isStopped) return;
    if (this.#isBusy) this.#wait(value, bytes);
    else this.#call(value);
  }

  /** The handler gets nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting.takeAll();
  }

  #call(value: unknown): void {
    try {
      const outcome: unknown = this.subscription.handler(value, this.#options.source);
      if (isThenable(outcome)) void this.#waitFor(outcome);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  async #waitFor(outcome: unknown): Promise<void> {
    this.#isBusy = true;
    await watch(outcome, this.#options.onError);
    this.#isBusy = false;
    while (this.#isReady()) this.#call(this.#waiting.shift()?.value);
  }

  #isReady(): boolean {
    // It may have been removed after the end of the link, when nobody told this queue any more.
    if (this.subscription.isRemoved) this.stop();
    return !this.#isBusy && this.#waiting.length > 0;
  }

  #wait(value: unknown, bytes: number): void {
    this.#waiting.push(value, bytes);
    while (this.#waiting.isOver) {
      if (this.#options.overflow === "drop-oldest") this.#waiting.shift();
      else this.#waiting.pop();
      this.#options.onDropped();
    }
  }
}
