import type { MsgHdrs, NatsConnection } from "@nats-io/transport-node";

/** So much may be under way to the server before its word is asked for. */
const ASK_AFTER_BYTES = 256 * 1024;
/** What NATS servers take unless they are told otherwise. */
const USUAL_MAX_PAYLOAD = 1024 * 1024;
/** What a message has beside its body: the headers of ours. */
const HEADERS_BYTES = 2 * 1024;

const FLUSHED = Promise.resolve();

/**
 * The way out to the server. NATS's client takes whatever it is given, so what the server has not confirmed is counted
 * here: that is what waits.
 */
export class Publisher {
  readonly #connection: NatsConnection;
  readonly #onError: (error: unknown) => void;
  #unconfirmed = 0;
  #confirming: Promise<void> | undefined;

  constructor(connection: NatsConnection, onError: (error: unknown) => void) {
    this.#connection = connection;
    this.#onError = onError;
  }

  get queuedBytes(): number {
    return this.#unconfirmed;
  }

  /** How long the body of one message may be. */
  get maxBody(): number {
    const max = this.#connection.info?.max_payload ?? USUAL_MAX_PAYLOAD;
    return Math.max(max - HEADERS_BYTES, Math.ceil(max / 2));
  }

  /** Throws nothing: a connection that has ended says so by itself. */
  publish(subject: string, data: string | Uint8Array, reply = "", headers?: MsgHdrs): void {
    try {
      this.#connection.publish(subject, data, headers === undefined ? { reply } : { reply, headers });
    } catch (error) {
      if (!this.#connection.isClosed() && !this.#connection.isDraining()) this.#onError(error);
      return;
    }
    this.#unconfirmed += data.length;
    if (this.#unconfirmed > ASK_AFTER_BYTES) void this.#confirm();
  }

  /** Resolves when little enough is under way; rejects when the connection ended before. */
  flushed(): Promise<void> {
    return this.#unconfirmed > ASK_AFTER_BYTES ? this.#confirm() : FLUSHED;
  }

  #confirm(): Promise<void> {
    this.#confirming ??= this.#ask(this.#unconfirmed);
    return this.#confirming;
  }

  async #ask(bytes: number): Promise<void> {
    try {
      await this.#connection.flush();
    } catch {
      // What was under way is lost with the connection, and whoever waits hears of its end.
    }
    this.#unconfirmed -= bytes;
    this.#confirming = undefined;
  }
}
