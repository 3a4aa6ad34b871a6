import type { NotificationMessage } from "../protocol/contract.js";

export type NotificationHandler = (params: any) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
export type AnyNotificationHandler = (message: any) => unknown; // eslint-disable-line @typescript-eslint/no-explicit-any -- see above

/**
 * Hands notifications to their handlers, in order of arrival. One that nobody handles yet is kept until a handler for
 * it is added: a worker may speak before the line after `createStdioChannel` has run.
 */
export class Notifications {
  readonly #byMethod = new Map<string, Set<NotificationHandler>>();
  readonly #forAll = new Set<AnyNotificationHandler>();
  readonly #maxEarly: number;
  readonly #onError: (error: unknown) => void;
  #early: NotificationMessage[] = [];

  constructor(maxEarly: number, onError: (error: unknown) => void) {
    this.#maxEarly = maxEarly;
    this.#onError = onError;
  }

  /** Returns what removes the handler again. */
  add(method: string, handler: NotificationHandler): () => void {
    let handlers = this.#byMethod.get(method);
    if (handlers === undefined) this.#byMethod.set(method, (handlers = new Set()));
    handlers.add(handler);
    this.#replay((message) => message.method === method);
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#byMethod.get(method) === handlers) this.#byMethod.delete(method);
    };
  }

  addForAll(handler: AnyNotificationHandler): () => void {
    this.#forAll.add(handler);
    this.#replay(() => true);
    return () => this.#forAll.delete(handler);
  }

  deliver(message: NotificationMessage): void {
    const handlers = this.#byMethod.get(message.method);
    if (handlers === undefined && this.#forAll.size === 0) {
      this.#keep(message);
      return;
    }
    if (handlers !== undefined) for (const handler of handlers) this.#call(handler, message.params);
    for (const handler of this.#forAll) this.#call(handler, message.raw);
  }

  clear(): void {
    this.#early = [];
    this.#byMethod.clear();
    this.#forAll.clear();
  }

  #keep(message: NotificationMessage): void {
    this.#early.push(message);
    if (this.#early.length > this.#maxEarly) this.#early.shift();
  }

  /** In a microtask, so that the caller has its disposer first; still before anything that arrives later. */
  #replay(isMeant: (message: NotificationMessage) => boolean): void {
    if (this.#early.length === 0) return;
    queueMicrotask(() => {
      const kept = this.#early;
      this.#early = kept.filter((message) => !isMeant(message));
      for (const message of kept) if (isMeant(message)) this.deliver(message);
    });
  }

  #call(handler: (value: unknown) => unknown, value: unknown): void {
    try {
      const outcome = handler(value);
      if (outcome instanceof Promise) outcome.catch(this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}
