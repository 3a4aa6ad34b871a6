/**
 * Framing: bytes <-> frames. A framing knows where one payload ends and the next begins, and nothing about what is in
 * it. It runs synchronously, holds no timer and does no I/O.
 */

/** A part of a payload: text (which goes out as UTF-8), or bytes. */
export type Piece = string | Uint8Array;

/**
 * What a codec makes of a message: text where the codec is textual, bytes otherwise, or several of both one after the
 * other, so that what is large need not be copied to stand beside the rest.
 */
export type Payload = Piece | readonly Piece[];

/** Where framed parts go, in order. Implemented by links; they own what they are given. */
export interface ByteSink {
  text(part: string): void;
  bytes(part: Uint8Array): void;
}

/**
 * What a decoder found:
 * - `"frame"`: a whole frame lies at `bytes[start..end)`;
 * - `"oversized"`: a frame above the limit was skipped; `bytes[start..end)` is its beginning, `skippedBytes` its size;
 * - `"more"`: nothing more is complete; push the next chunk.
 */
export type FrameStatus = "frame" | "oversized" | "more";

/**
 * Finds frames in chunks of any size. Use: `push(chunk)`, then `next()` until it says `"more"`.
 *
 * What is shown holds until the next call of `push` or `next`.
 */
export interface FrameDecoder {
  /**
   * True: nothing writes to `bytes` any more once it was shown, so that frames need not be copied out of it. Without that
   * promise each frame is copied.
   */
  readonly keepsShown?: boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly skippedBytes: number;
  push(chunk: Uint8Array): void;
  /** Throws a `ChannelError` `FRAME_MALFORMED` when the next boundary can't be known; the decoder is dead then. */
  next(): FrameStatus;
  /**
   * The input has ended in order: shows what is a frame then, as `next` does; "more" where nothing is. Absent where a frame
   * must be whole by then.
   */
  finish?(): FrameStatus;
  /** The number of bytes of an unfinished frame: what is lost if the input ends here. */
  unfinishedBytes(): number;
}

/** One way to delimit payloads. Stateless: `decoder()` makes the state of one direction of one link. */
export interface Framing {
  /** A short name for messages and logs, such as `"line-delimited"`. */
  readonly name: string;
  /** False where a payload may not contain every byte; binary codecs are refused then. */
  readonly carriesBinary: boolean;
  /** Writes one frame to the sink. */
  encode(payload: Payload, sink: ByteSink): void;
  decoder(maxMessageBytes: number): FrameDecoder;
}
