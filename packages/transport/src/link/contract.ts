/** Link: moves frames between two sides, and says once when that is over. */

import type { ChannelError } from "../errors.js";
import type { Payload } from "../framing/contract.js";

/** Whoever listens to a link; set once, before anything arrives. */
export interface LinkReceiver {
  /** So many bytes arrived, and what is in them follows at once: frames, or parts of them. */
  arrived(bytes: number): void;
  /** A whole frame lies at `bytes[start..end)`. The receiver may keep the array, and must not write to it. */
  frame(bytes: Uint8Array, start: number, end: number): void;
  /** A frame of so many bytes, above the limit, was skipped; `head` is its beginning. */
  oversized(head: Uint8Array, bytes: number): void;
  /** The input ended inside a frame: so many bytes are lost. */
  cut(bytes: number): void;
  /** A line arrived beside the messages, where the link has a place for that: it can't break one. */
  noise(line: string): void;
  /**
   * Nobody will answer the request of this side with this id, and `reason` says why; the link lives on. For a link that
   * leads to many, of which one has gone.
   */
  lost?(id: number, reason: ChannelError): void;
  /**
   * All that was sent so far has been given to the system. A link that tells so says it as it starts, too: then the
   * channel knows what was never sent when the other side is gone.
   */
  wrote?(): void;
  /**
   * The other side takes nothing any more, and no further word of this side is sent. What it has said may still
   * arrive, and the end follows. Called at most once.
   */
  gone?(): void;
  /** Nothing will arrive and nothing can be sent any more. Called at most once; never from inside `start`. */
  end(cause: ChannelError): void;
}

/** What all links have, of frames or of bytes. */
export interface LinkBase {
  /** Bytes that were sent here and not yet taken by the operating system. */
  readonly queuedBytes: number;
  /** Resolves when all that was sent so far has been handed over; rejects when the link ended before. */
  flushed(): Promise<void>;
  /** Calls back at the end of this turn, before what the turn said is written; what it says then leaves with it. */
  atTurnEnd(callback: () => void): void;
  /** Lets the process end although the link is open, and takes that back. Links without a handle have neither. */
  unref?(): void;
  ref?(): void;
  /** Ends the link and releases what it holds. Bounded; resolves when that is done. Idempotent; never rejects. */
  close(): Promise<void>;
}

/**
 * Frames go out in order; all that is sent in one turn of the event loop leaves together. What is sent after the end is
 * dropped: whoever sends hears of the end by the receiver.
 */
export interface Link extends LinkBase {
  /** True where any program may print between the frames, so that what is no message need not be a mistake. */
  readonly hasStrayText: boolean;
  start(receiver: LinkReceiver): void;
  /** Sends one frame. The payload belongs to the link from here on. */
  send(payload: Payload): void;
}
