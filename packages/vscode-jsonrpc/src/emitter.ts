import type { Disposable, Event } from "vscode-jsonrpc";

/** What vscode-jsonrpc listens to. Its own emitter is not imported: that would make it more than a matter of types. */
export class Emitter<T> {
  #listeners: readonly ((value: T) => unknown)[] = [];

  readonly event: Event<T> = (listener, thisArgs, disposables) => {
    const own = (value: T): unknown => listener.call(thisArgs, value) as unknown;
    this.#listeners = [...this.#listeners, own];
    const subscription: Disposable = {
      dispose: () => {
        this.#listeners = this.#listeners.filter((other) => other !== own);
      },
    };
    disposables?.push(subscription);
    return subscription;
  };

  get isHeard(): boolean {
    return this.#listeners.length > 0;
  }

  /** A listener that throws keeps the others from nothing. */
  fire(value: T): void {
    for (const listener of this.#listeners) {
      try {
        listener(value);
      } catch (error) {
        console.error("procwire:", error);
      }
    }
  }

  dispose(): void {
    this.#listeners = [];
  }
}
