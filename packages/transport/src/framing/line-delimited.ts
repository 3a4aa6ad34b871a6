import { ChunkList } from "./chunk-list.js";
import type { ByteSink, FrameDecoder, FrameStatus, Framing, Payload } from "./contract.js";
import { writePayload } from "./payload.js";

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const BOM = [0xef, 0xbb, 0xbf];
/** How much of an over-long line is shown to whoever wants to know whose it was. */
const HEAD_BYTES = 1024;
/** What a line may have beside its payload: a byte-order mark and a carriage return. */
const EXTRA_BYTES = BOM.length + 1;
const LINE_END: Uint8Array = Uint8Array.of(LF);
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * One message per line, ended by the byte 0x0A. The default framing, and that of the Model Context Protocol on stdio.
 *
 * A carriage return before the line feed belongs to the line's end; blank lines and one byte-order mark at the very
 * beginning are skipped. Payloads must not contain a line feed, so binary codecs are refused. A line above the limit
 * is skipped up to its end, and the stream goes on.
 */
export class LineDelimitedFraming implements Framing {
  readonly name = "line-delimited";
  readonly carriesBinary = false;

  encode(payload: Payload, sink: ByteSink): void {
    if (typeof payload === "string") {
      sink.text(payload + "\n");
    } else {
      writePayload(payload, sink);
      sink.text("\n");
    }
  }

  decoder(maxMessageBytes: number): FrameDecoder {
    return new LineDecoder(maxMessageBytes);
  }
}

class LineDecoder implements FrameDecoder {
  readonly keepsShown = true;
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  skippedBytes = 0;
  readonly #limit: number;
  readonly #carry = new ChunkList();
  #chunk: Uint8Array = NOTHING;
  #position = 0;
  #skipping = false;
  #skipHead = NOTHING;
  #atStreamStart = true;

  constructor(maxMessageBytes: number) {
    this.#limit = maxMessageBytes;
  }

  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#position = 0;
  }

  next(): FrameStatus {
    while (this.#position < this.#chunk.length) {
      const lineEnd = this.#chunk.indexOf(LF, this.#position);
      if (lineEnd === -1) {
        this.#keepRest();
        break;
      }
      const from = this.#position;
      this.#position = lineEnd + 1;
      const status = this.#line(from, lineEnd);
      if (status !== "more") return status;
    }
    this.#chunk = NOTHING;
    // What was shown may be large, and nobody looks at it any more.
    this.bytes = NOTHING;
    return "more";
  }

  /** The last line may lack its end. */
  finish(): FrameStatus {
    this.push(LINE_END);
    return this.next();
  }

  unfinishedBytes(): number {
    return this.#skipping ? this.skippedBytes : this.#carry.length;
  }

  /** Shows the line that ends at `lineEnd`; "more" when there is nothing to show. */
  #line(from: number, lineEnd: number): FrameStatus {
    if (this.#skipping) return this.#endSkipping(lineEnd - from);
    if (this.#carry.length === 0) {
      this.#show(this.#chunk, from, lineEnd);
    } else {
      this.#carry.push(this.#chunk.subarray(from, lineEnd));
      const joined = this.#carry.take();
      this.#show(joined, 0, joined.length);
    }
    if (this.end - this.start > this.#limit) return this.#showOversized();
    return this.#isBlank() ? "more" : "frame";
  }

  #show(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end > start && bytes[end - 1] === CR ? end - 1 : end;
    if (this.#atStreamStart) {
      this.#atStreamStart = false;
      if (BOM.every((byte, at) => start + at < this.end && bytes[start + at] === byte)) this.start += BOM.length;
    }
  }

  #isBlank(): boolean {
    for (let at = this.start; at < this.end; at++) {
      const byte = this.bytes[at];
      if (byte !== SPACE && byte !== TAB) return false;
    }
    return true;
  }

  #showOversized(): FrameStatus {
    this.skippedBytes = this.end - this.start;
    this.end = this.start + Math.min(HEAD_BYTES, this.skippedBytes);
    return "oversized";
  }

  /** The line goes on in the next chunk: keep what there is, or stop keeping when it can't fit any more. */
  #keepRest(): void {
    const rest = this.#chunk.subarray(this.#position);
    if (this.#skipping) {
      this.skippedBytes += rest.length;
      return;
    }
    this.#carry.push(rest);
    if (this.#carry.length <= this.#limit + EXTRA_BYTES) return;
    this.#skipping = true;
    this.skippedBytes = this.#carry.length;
    this.#skipHead = this.#carry.head(HEAD_BYTES);
    this.#carry.clear();
  }

  #endSkipping(lastBytes: number): FrameStatus {
    this.#skipping = false;
    this.#atStreamStart = false;
    this.skippedBytes += lastBytes;
    this.bytes = this.#skipHead;
    this.start = 0;
    this.end = this.#skipHead.length;
    this.#skipHead = NOTHING;
    return "oversized";
  }
}
