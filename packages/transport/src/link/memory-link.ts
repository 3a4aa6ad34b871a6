import { ChannelError } from "../errors.js";
import type { Payload } from "../framing/contract.js";
import { toBytes } from "../framing/payload.js";
import type { Link, LinkReceiver } from "./contract.js";

/** Two links that are each other's other side, in one process: for tests, and for a worker without a process. */
export function createMemoryLinks(): [Link, Link] {
  const left = new MemoryLink();
  const right = new MemoryLink();
  left.connect(right);
  right.connect(left);
  return [left, right];
}

/** One end of a pair made by `createMemoryLinks`. Frames arrive in a later microtask, in order. */
class MemoryLink implements Link {
  readonly hasStrayText = false;
  #other: MemoryLink | undefined;
  #receiver: LinkReceiver | undefined;
  #isOver = false;
  #queuedBytes = 0;
  /** What arrived before anybody listened; `undefined` from when it has been delivered. */
  #early: Uint8Array[] | undefined = [];
  #hasOtherEnded = false;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Called once by `createMemoryLinks`. */
  connect(other: MemoryLink): void {
    this.#other = other;
  }

  start(receiver: LinkReceiver): void {
    this.#receiver = receiver;
    queueMicrotask(() => {
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const frame of early) this.#hand(frame);
      if (this.#hasOtherEnded) this.#tellEnd();
    });
  }

  send(payload: Payload): void {
    const other = this.#other;
    if (this.#isOver || other === undefined) return;
    const frame = toBytes(payload);
    this.#queuedBytes += frame.length;
    queueMicrotask(() => {
      this.#queuedBytes -= frame.length;
      other.#arrive(frame);
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

  #arrive(frame: Uint8Array): void {
    if (this.#early === undefined) this.#hand(frame);
    else this.#early.push(frame);
  }

  #hand(frame: Uint8Array): void {
    this.#receiver?.arrived(frame.length);
    this.#receiver?.frame(frame, 0, frame.length);
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
