import type { ByteSink, FrameDecoder, Framing, Payload } from "../../src/framing/contract.js";

/** What a decoder found, copied out of its buffers. */
export interface Found {
  readonly status: "frame" | "oversized";
  readonly text: string;
  readonly size: number;
}

/** Binary text, so that payloads of any bytes can be compared and printed. */
export function latin1(bytes: Uint8Array, start = 0, end: number = bytes.length): string {
  return Buffer.from(bytes.subarray(start, end)).toString("latin1");
}

export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Pushes the chunks one after the other and takes out all that becomes complete. */
export function decodeChunks(decoder: FrameDecoder, chunks: Iterable<Uint8Array>): Found[] {
  const found: Found[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let status = decoder.next(); status !== "more"; status = decoder.next()) {
      const { bytes, start, end, skippedBytes } = decoder;
      const size = status === "oversized" ? skippedBytes : end - start;
      found.push({ status, text: latin1(bytes, start, end), size });
    }
  }
  return found;
}

/** Keeps what is written to it as one array of bytes. */
export class BytesSink implements ByteSink {
  readonly #parts: Uint8Array[] = [];

  text(part: string): void {
    this.#parts.push(utf8(part));
  }

  bytes(part: Uint8Array): void {
    this.#parts.push(Uint8Array.from(part));
  }

  get all(): Uint8Array {
    return Uint8Array.from(Buffer.concat(this.#parts));
  }
}

export function encodeAll(framing: Framing, payloads: readonly Payload[]): Uint8Array {
  const sink = new BytesSink();
  for (const payload of payloads) framing.encode(payload, sink);
  return sink.all;
}

/** Cuts the bytes at the given offsets, which are in ascending order. */
export function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const edges = [0, ...offsets, bytes.length];
  return edges.slice(1).map((end, at) => bytes.subarray(edges[at], end));
}

export function cutEvery(bytes: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return chunks;
}
