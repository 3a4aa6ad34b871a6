import type { ChannelError } from "../../errors.js";
import type { ByteLink, ByteReceiver } from "../../link/byte-link.js";
import { Outbox, type WriteStream } from "./outbox.js";

/** What all links that write by an outbox have in common: its face, and the one end. */
export abstract class OutboxLink implements ByteLink {
  protected readonly outbox: Outbox;
  /** `undefined` before the start, and after the end. */
  protected receiver: ByteReceiver | undefined;

  constructor(stream: WriteStream, onWrite?: () => void) {
    this.outbox = new Outbox(stream, onWrite);
  }

  abstract start(receiver: ByteReceiver): void;
  abstract close(): Promise<void>;

  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  text(part: string): void {
    this.outbox.text(part);
  }

  bytes(part: Uint8Array): void {
    this.outbox.bytes(part);
  }

  flushed(): Promise<void> {
    return this.outbox.flushed();
  }

  atTurnEnd(callback: () => void): void {
    this.outbox.atTurnEnd(callback);
  }

  /** Tells the receiver, once. */
  protected end(cause: ChannelError): void {
    const receiver = this.receiver;
    this.receiver = undefined;
    this.outbox.end(cause);
    receiver?.end(cause);
  }
}
