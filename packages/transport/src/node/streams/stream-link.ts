import type { Readable, Writable } from "node:stream";
import { layer } from "../../checks/kinds.js";
import type { Check } from "../../checks/options.js";
import { ChannelError } from "../../errors.js";
import type { ByteReceiver } from "../../link/byte-link.js";
import { OutboxLink } from "./outbox-link.js";

/** How long the output may take to leave when the link is closed. */
const CLOSE_FLUSH_MS = 2_000;

export const readableStream: Check<Readable> = layer("a readable stream", "such as a socket or process.stdin", {
  on: "function",
  read: "function",
});
export const writableStream: Check<Writable> = layer("a writable stream", "such as a socket or process.stdout", {
  on: "function",
  write: "function",
});

/** A link over any pair of Node streams: a socket, two pipes, one duplex given twice. */
export class StreamLink extends OutboxLink {
  readonly #readable: Readable;
  readonly #writable: Writable;
  #closing: Promise<void> | undefined;
  readonly #onData = (chunk: Uint8Array | string): void => {
    this.receiver?.data(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
  };
  readonly #onEnd = (): void => {
    this.end(new ChannelError("CHANNEL_CLOSED", "The other side closed the link."));
  };
  readonly #onError = (error: Error): void => {
    this.end(new ChannelError("CHANNEL_CLOSED", `The link failed: ${error.message}`, { cause: error }));
  };

  /** Throws a `TypeError` for what is no stream. */
  constructor(readable: Readable, writable: Writable) {
    readableStream(readable, { where: "StreamLink", name: "readable" });
    super(writableStream(writable, { where: "StreamLink", name: "writable" }));
    this.#readable = readable;
    this.#writable = writable;
  }

  override start(receiver: ByteReceiver): void {
    this.receiver = receiver;
    this.#readable.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onEnd).on("error", this.#onError);
    this.#writable.on("close", this.#onEnd).on("error", this.#onError);
    // Streams that are over already say nothing any more.
    if (this.#readable.readableEnded || this.#readable.destroyed || this.#writable.destroyed) {
      process.nextTick(this.#onEnd);
    }
  }

  override close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.receiver = undefined;
    this.outbox.writeNow();
    await endWithin(this.#writable, CLOSE_FLUSH_MS);
    this.outbox.end(new ChannelError("CHANNEL_CLOSED", "The link is closed."));
    this.#readable.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onEnd);
    this.#writable.off("close", this.#onEnd);
    this.#readable.destroy();
    this.#writable.destroy();
  }
}

/** Ends a writable and waits until it has written everything, or until the time is up. */
function endWithin(writable: Writable, milliseconds: number): Promise<void> {
  if (writable.destroyed || writable.writableFinished) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(done, milliseconds);
    writable.once("finish", done).once("close", done);
    writable.end();
    function done(): void {
      clearTimeout(timer);
      writable.off("finish", done).off("close", done);
      resolve();
    }
  });
}
