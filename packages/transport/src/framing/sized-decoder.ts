import type { FrameDecoder, FrameStatus } from "./contract.js";

const HEAD_BYTES = 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * The half of a decoder that all framings with an announced size share: collect exactly that many bytes, or skip them
 * when there are too many. A subclass reads the announcement.
 */
export abstract class SizedDecoder implements FrameDecoder {
  readonly keepsShown = true;
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  skippedBytes = 0;
  protected chunk: Uint8Array = NOTHING;
  protected position = 0;
  readonly #limit: number;
  /** Where a payload is collected that is spread over chunks; of one above the limit only its head. */
  #collector: Uint8Array = NOTHING;
  /** The size of the payload that is being collected; -1 while the announcement is being read. */
  #size = -1;
  /** Bytes of the announcement that is being read, or was read last and whose payload is not complete. */
  #announced = 0;
  #collected = 0;

  constructor(maxMessageBytes: number) {
    this.#limit = maxMessageBytes;
  }

  /**
   * Reads the announcement at `position` and moves past it. Returns the payload's size, or -1 when the chunk ended
   * first. Throws when it is malformed.
   */
  protected abstract readSize(): number;

  push(chunk: Uint8Array): void {
    this.chunk = chunk;
    this.position = 0;
  }

  next(): FrameStatus {
    if (this.#size === -1) {
      const before = this.position;
      this.#size = before < this.chunk.length ? this.readSize() : -1;
      this.#announced += this.position - before;
      if (this.#size === -1) return this.#more();
    }
    const from = this.position;
    const available = Math.min(this.#size - this.#collected, this.chunk.length - from);
    this.position += available;
    const isWhole = this.#collected + available === this.#size;
    if (isWhole && this.#collected === 0 && this.#size <= this.#limit)
      return this.#show(this.chunk, from, this.position);
    this.#keep(from, available);
    return isWhole ? this.#show(this.#collector, 0, this.#collector.length) : this.#more();
  }

  unfinishedBytes(): number {
    return this.#announced + this.#collected;
  }

  #show(bytes: Uint8Array, start: number, end: number): FrameStatus {
    const size = this.#size;
    this.#size = -1;
    this.#announced = 0;
    this.#collected = 0;
    this.#collector = NOTHING;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    if (size <= this.#limit) return "frame";
    this.skippedBytes = size;
    return "oversized";
  }

  /** The size is known and within the limit, so the payload is collected where it will be shown: one copy of each byte. */
  #keep(from: number, length: number): void {
    if (length === 0) return;
    if (this.#collected === 0) {
      this.#collector = new Uint8Array(this.#size <= this.#limit ? this.#size : Math.min(this.#size, HEAD_BYTES));
    }
    const wanted = Math.min(length, this.#collector.length - this.#collected);
    if (wanted > 0) this.#collector.set(this.chunk.subarray(from, from + wanted), this.#collected);
    this.#collected += length;
  }

  #more(): FrameStatus {
    this.chunk = NOTHING;
    // What was shown may be large, and nobody looks at it any more.
    this.bytes = NOTHING;
    this.position = 0;
    return "more";
  }
}
