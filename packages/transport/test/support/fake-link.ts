import { ChannelError, type ByteLink, type ByteReceiver } from "../../src/index.js";
import { assertFrame } from "./wire-schema.js";

/** A message as it was on the wire, in the shape that its reader expects. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the test knows what it made the channel say
type WireMessage = any;

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (cause: ChannelError) => void;
}

/** A link whose queue, flushes and end are the test's: nothing happens that the test does not do. For lines of JSON. */
export class FakeLink implements ByteLink {
  /** What the channel believes to wait for the operating system. */
  queuedBytes = 0;
  /** Every message that the channel has written, in order; each was checked to be one. */
  readonly sent: WireMessage[] = [];
  closes = 0;
  #receiver: ByteReceiver | undefined;
  #waiting: Waiting[] = [];
  #ended: ChannelError | undefined;

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
  }

  text(part: string): void {
    const message: unknown = JSON.parse(part);
    assertFrame(message);
    this.sent.push(message);
  }

  bytes(part: Uint8Array): void {
    this.text(new TextDecoder().decode(part));
  }

  flushed(): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (this.queuedBytes === 0) return Promise.resolve();
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  atTurnEnd(callback: () => void): void {
    queueMicrotask(callback);
  }

  close(): Promise<void> {
    this.closes += 1;
    this.#stop(new ChannelError("CHANNEL_CLOSED", "The link was closed."));
    return Promise.resolve();
  }

  /** The operating system took all that waited. */
  drain(): void {
    this.queuedBytes = 0;
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  /** Messages from the other side, all in one chunk. */
  deliver(...messages: readonly object[]): void {
    const lines = messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
    this.#receiver?.data(new TextEncoder().encode(lines.join("")));
  }

  /** Bytes from the other side that need be no message. */
  deliverText(text: string): void {
    this.#receiver?.data(new TextEncoder().encode(text));
  }

  /** Messages from the other side as one batch. */
  deliverBatch(...messages: readonly object[]): void {
    const line = JSON.stringify(messages.map((message) => ({ jsonrpc: "2.0", ...message })));
    this.#receiver?.data(new TextEncoder().encode(`${line}\n`));
  }

  /** Nobody takes anything any more, and the link is not over yet. */
  goes(): void {
    this.#receiver?.gone?.();
  }

  /** The link breaks. */
  end(cause: ChannelError = new ChannelError("CHANNEL_CLOSED", "The link broke.")): void {
    if (this.#ended !== undefined) return;
    const receiver = this.#receiver;
    this.#stop(cause);
    receiver?.end(cause);
  }

  #stop(cause: ChannelError): void {
    this.#ended ??= cause;
    this.#receiver = undefined;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
