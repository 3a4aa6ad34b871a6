import { ChannelError } from "../errors.js";
import type { LinkBase } from "./contract.js";

interface Receiver {
  end(cause: ChannelError): void;
}

/** One end of a pair in one process. What is given to it arrives at the other in a later microtask, in order. */
export abstract class MemoryEnd<To extends Receiver> implements LinkBase {
  #other: MemoryEnd<To> | undefined;
  #receiver: To | undefined;
  #isOver = false;
  #queuedBytes = 0;
  /** What arrived before anybody listened; `undefined` from when it has been delivered. */
  #early: Uint8Array[] | undefined = [];
  #hasOtherEnded = false;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Called once for each end of a pair. */
  connect(other: MemoryEnd<To>): void {
    this.#other = other;
  }

  start(receiver: To): void {
    this.#receiver = receiver;
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const part of early) this.#hand(part);
      if (this.#hasOtherEnded) this.#tellEnd();
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

  /** Hands what has arrived to whoever listens. */
  protected abstract hand(part: Uint8Array, receiver: To): void;

  protected pass(part: Uint8Array): void {
    const other = this.#other;
    if (this.#isOver || other === undefined) return;
    this.#queuedBytes += part.length;
    queueMicrotask(() => {
      this.#queuedBytes -= part.length;
      other.#arrive(part);
    });
  }

  #arrive(part: Uint8Array): void {
    if (this.#early === undefined) this.#hand(part);
    else this.#early.push(part);
  }

  #hand(part: Uint8Array): void {
    if (this.#receiver !== undefined) this.hand(part, this.#receiver);
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

/** The two ends, each other's other side. */
export function connected<To extends Receiver, End extends MemoryEnd<To>>(
  left: End & MemoryEnd<To>,
  right: End & MemoryEnd<To>,
): [End, End] {
  left.connect(right);
  right.connect(left);
  return [left, right];
}

function closed(): ChannelError {
  return new ChannelError("CHANNEL_CLOSED", "The other side closed the link.");
}
