import { ChannelError } from "../errors.js";
import { toBytes } from "../framing/payload.js";
import type { ByteLink, ByteReceiver } from "./byte-link.js";

/** Two links of bytes that are each other's other side, in one process: to try a framing of one's own. */
export function createMemoryByteLinks(): [ByteLink, ByteLink] {
  const left = new MemoryByteLink();
  const right = new MemoryByteLink();
  left.connect(right);
  right.connect(left);
  return [left, right];
}

/** One end of a pair made by `createMemoryByteLinks`. Chunks arrive in a later microtask, in order. */
class MemoryByteLink implements ByteLink {
  #other: MemoryByteLink | undefined;
  #receiver: ByteReceiver | undefined;
  #isOver = false;
  #queuedBytes = 0;
  /** What arrived before anybody listened; `undefined` from when it has been delivered. */
  #early: Uint8Array[] | undefined = [];
  #hasOtherEnded = false;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Called once by `createMemoryByteLinks`. */
  connect(other: MemoryByteLink): void {
    this.#other = other;
  }

  start(receiver: ByteReceiver): void {
    this.#receiver = receiver;
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const chunk of early) this.#receiver?.data(chunk);
      if (this.#hasOtherEnded) this.#tellEnd();
    });
  }

  text(part: string): void {
    this.bytes(toBytes(part));
  }

  bytes(part: Uint8Array): void {
    const other = this.#other;
    if (this.#isOver || other === undefined) return;
    this.#queuedBytes += part.length;
    queueMicrotask(() => {
      this.#queuedBytes -= part.length;
      other.#arrive(part);
    });
  }

  flushed(): Promise<void> {
    if (this.#isOver) return Promise.reject(closed());
    return Promise.resolve();
  }

  atTurnEnd(callback: () => void): void {
    queueMicrotask(callback);
  }

  close(): Promise<void> {
    this.#receiver = undefined;
    this.#isOver = true;
    const other = this.#other;
    if (other !== undefined) {
      queueMicrotask(() => {
        other.#end();
      });
    }
    return Promise.resolve();
  }

  #arrive(part: Uint8Array): void {
    if (this.#early === undefined) this.#receiver?.data(part);
    else this.#early.push(part);
  }

  #end(): void {
    this.#isOver = true;
    this.#hasOtherEnded = true;
    if (this.#early === undefined) this.#tellEnd();
  }

  #tellEnd(): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.end(closed());
  }
}

function closed(): ChannelError {
  return new ChannelError("CHANNEL_CLOSED", "The other side closed the link.");
}
