/** Link: moves bytes between two sides, and says once when that is over. */

import type { ChannelError } from "../errors.js";
import type { ByteSink } from "../framing/contract.js";

/** Whoever listens to a link; set once, before anything arrives. */
export interface LinkReceiver {
  /** A chunk arrived. The receiver owns it. */
  data(chunk: Uint8Array): void;
  /** A line arrived beside the messages, where the link has a place for that: it can't break one. */
  noise?(line: string): void;
  /** Nothing will arrive and nothing can be sent any more. Called at most once; never from inside `start`. */
  end(cause: ChannelError): void;
}

/**
 * Writing is by `text` and `bytes`, in order; all that is written in one turn of the event loop leaves together.
 * What is written after the end is dropped: whoever writes hears of the end by the receiver.
 */
export interface Link extends ByteSink {
  /** Bytes that were written here and not yet taken by the operating system. */
  readonly queuedBytes: number;
  start(receiver: LinkReceiver): void;
  /** Resolves when all that was written so far has been handed over; rejects when the link ended before. */
  flushed(): Promise<void>;
  /** Calls back at the end of this turn, before what the turn said is written; what it says then leaves with it. */
  atTurnEnd(callback: () => void): void;
  /** Lets the process end although the link is open, and takes that back. Links without a handle have neither. */
  unref?(): void;
  ref?(): void;
  /** Ends the link and releases what it holds. Bounded; resolves when that is done. Idempotent; never rejects. */
  close(): Promise<void>;
}
