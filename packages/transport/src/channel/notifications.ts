import type { NotificationMessage } from "../protocol/contract.js";

export type NotificationHandler = (params: any) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
export type AnyNotificationHandler = (message: any) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/**
 * What happens to notifications when a handler that returns promises is slower than they come, and
 * `limits.maxQueuedNotifications` of them wait for it: the oldest waiting one goes, or the one that has just come.
 */
export type NotificationOverflow = "drop-oldest" | "drop-newest";

export interface NotificationOptions {
  readonly maxEarly: number;
  readonly maxQueued: number;
  readonly overflow: NotificationOverflow;
  readonly onError: (error: unknown) => void;
  readonly onDropped: () => void;
}

/**
 * Hands notifications to their handlers, in order of arrival. One that nobody handles yet is kept until a handler for
 * it is added: a worker may speak before the line after `createStdioChannel` has run.
 */
export class Notifications {
  readonly #byMethod = new Map<string, Set<HandlerQueue>>();
  readonly #forAll = new Set<HandlerQueue>();
  readonly #options: NotificationOptions;
  #early: NotificationMessage[] = [];
  /** For which kept notifications a handler was added in this turn. */
  #replays: ((message: NotificationMessage) => boolean)[] = [];

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  /** Returns what removes the handler again. */
  add(method: string, handler: NotificationHandler): () => void {
    let queues = this.#byMethod.get(method);
    if (queues === undefined) this.#byMethod.set(method, (queues = new Set()));
    const queue = new HandlerQueue(handler, this.#options);
    queues.add(queue);
    this.#replay((message) => message.method === method);
    return () => {
      queue.clear();
      queues.delete(queue);
      if (queues.size === 0 && this.#byMethod.get(method) === queues) this.#byMethod.delete(method);
    };
  }

  addForAll(handler: AnyNotificationHandler): () => void {
    const queue = new HandlerQueue(handler, this.#options);
    this.#forAll.add(queue);
    this.#replay(() => true);
    return () => {
      queue.clear();
      this.#forAll.delete(queue);
    };
  }

  deliver(message: NotificationMessage): void {
    // What was kept comes first, also when a notification arrives before the replay had its turn.
    if (this.#replays.length > 0) this.#replayNow();
    this.#hand(message);
  }

  /** Hands it on if somebody waits for it, and else forgets it. */
  deliverIfHandled(message: NotificationMessage): void {
    if (this.#byMethod.has(message.method) || this.#forAll.size > 0) this.deliver(message);
  }

  #hand(message: NotificationMessage): void {
    const queues = this.#byMethod.get(message.method);
    if (queues === undefined && this.#forAll.size === 0) {
      this.#keep(message);
      return;
    }
    if (queues !== undefined) for (const queue of queues) queue.push(message.params);
    for (const queue of this.#forAll) queue.push(message.raw);
  }

  #keep(message: NotificationMessage): void {
    this.#early.push(message);
    if (this.#early.length <= this.#options.maxEarly) return;
    this.#early.shift();
    this.#options.onDropped();
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
    const kept = this.#early;
    this.#early = [];
    for (const message of kept) {
      if (replays.some((isMeant) => isMeant(message))) this.#hand(message);
      else this.#early.push(message);
    }
  }
}

/** One handler. What it returns is waited for before it gets the next one; meanwhile a bounded number waits. */
class HandlerQueue {
  readonly #handler: (value: unknown) => unknown;
  readonly #options: NotificationOptions;
  #isBusy = false;
  #waiting: unknown[] = [];

  constructor(handler: (value: unknown) => unknown, options: NotificationOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  push(value: unknown): void {
    if (this.#isBusy) this.#wait(value);
    else this.#call(value);
  }

  clear(): void {
    this.#waiting = [];
  }

  #call(value: unknown): void {
    try {
      const outcome = this.#handler(value);
      if (!(outcome instanceof Promise)) return;
      this.#isBusy = true;
      outcome.catch(this.#options.onError).finally(this.#next);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #wait(value: unknown): void {
    this.#waiting.push(value);
    if (this.#waiting.length <= this.#options.maxQueued) return;
    if (this.#options.overflow === "drop-oldest") this.#waiting.shift();
    else this.#waiting.pop();
    this.#options.onDropped();
  }

  #isReady(): boolean {
    return !this.#isBusy && this.#waiting.length > 0;
  }

  readonly #next = (): void => {
    this.#isBusy = false;
    while (this.#isReady()) this.#call(this.#waiting.shift());
  };
}
