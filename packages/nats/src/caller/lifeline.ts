import type { NatsConnection } from "@nats-io/transport-node";
import { watchConnection } from "../connection.js";
import type { CallerLink } from "./caller-link.js";
import { disconnectedError } from "./errors.js";

/** The connection as a channel sees it: a link for as long as it holds, and another one after that. */
export class Lifeline {
  readonly #connection: NatsConnection;
  readonly #create: () => CallerLink;
  #restoredAt = -Infinity;
  #isUp = true;
  #link: CallerLink | undefined;
  #waiting: (() => void)[] = [];
  #failure: { readonly cause: unknown } | undefined;

  constructor(connection: NatsConnection, create: () => CallerLink) {
    this.#connection = connection;
    this.#create = create;
    watchConnection(connection, {
      lost: () => {
        this.#lost(undefined);
      },
      restored: () => {
        this.#restoredAt = performance.now();
        this.#isUp = true;
        this.#wake();
      },
      denied: (subject) => this.#link?.denied(subject),
      closed: (error) => {
        this.#failure = { cause: error };
        this.#lost(error);
        this.#wake();
      },
    });
  }

  /** When the connection was restored last, on the clock of `performance.now()`. */
  get restoredAt(): number {
    return this.#restoredAt;
  }

  /** The next link, when there is a connection for it. Rejects when there will be none. */
  async next(signal: AbortSignal): Promise<CallerLink> {
    const wake = (): void => {
      this.#wake();
    };
    signal.addEventListener("abort", wake, { once: true });
    while (!this.#isUp && this.#failure === undefined && !signal.aborted) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    signal.removeEventListener("abort", wake);
    signal.throwIfAborted();
    if (this.#failure !== undefined || this.#connection.isClosed()) throw disconnectedError(this.#failure?.cause);
    this.#link = this.#create();
    return this.#link;
  }

  #lost(cause: unknown): void {
    this.#isUp = false;
    const link = this.#link;
    this.#link = undefined;
    link?.end(disconnectedError(cause));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
