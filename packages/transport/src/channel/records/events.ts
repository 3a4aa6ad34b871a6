import type { ChannelEvent, ChannelEventHandler } from "../contract/events.js";
import { nameOf } from "../../checks/name-of.js";
import { watch } from "../contract/outcome.js";

interface Subscription {
  readonly handler: ChannelEventHandler;
  isRemoved: boolean;
}

/**
 * Tells handlers of the user's what has happened to the channel, in order. In a microtask: what they do finds the
 * channel in one state or in the next, never in between.
 */
export class Events {
  readonly #onError: (error: unknown) => void;
  #subscriptions: readonly Subscription[] = [];

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Returns what removes the handler again. */
  add(handler: ChannelEventHandler): () => void {
    if (typeof handler !== "function") throw new TypeError(`onEvent needs a function, not ${nameOf(handler)}`);
    const subscription = { handler, isRemoved: false };
    this.#subscriptions = [...this.#subscriptions, subscription];
    return () => {
      subscription.isRemoved = true;
      this.#subscriptions = this.#subscriptions.filter((other) => other !== subscription);
    };
  }

  emit(event: ChannelEvent): void {
    const subscriptions = this.#subscriptions;
    if (subscriptions.length === 0) return;
    queueMicrotask(() => {
      for (const { handler, isRemoved } of subscriptions) if (!isRemoved) this.#tell(handler, event);
    });
  }

  #tell(handler: ChannelEventHandler, event: ChannelEvent): void {
    try {
      void watch(handler(event), this.#onError);
    } catch (error) {
      this.#onError(error);
    }
  }
}
