import { byteLength, toBytes, writePayload } from "./payload.js";
import type { ByteSink, FrameDecoder, Framing, Payload } from "./contract.js";
import { SizedDecoder } from "./sized-decoder.js";

const PREFIX_BYTES = 4;

/**
 * A 4-byte big-endian unsigned length, then that many bytes. Carries any payload, so it is the framing for MessagePack.
 * A payload above the limit is skipped, and the stream goes on.
 */
export class LengthPrefixedFraming implements Framing {
  readonly name = "length-prefixed";
  readonly carriesBinary = true;

  encode(payload: Payload, sink: ByteSink): void {
    const bytes = typeof payload === "string" ? toBytes(payload) : payload;
    const length = byteLength(bytes);
    // Not by a `DataView`: for a small message, making one costs more than the rest of this.
    sink.bytes(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length));
    writePayload(bytes, sink);
  }

  decoder(maxMessageBytes: number): FrameDecoder {
    return new LengthPrefixedDecoder(maxMessageBytes);
  }
}

class LengthPrefixedDecoder extends SizedDecoder {
  #prefixRead = 0;
  #size = 0;

  protected readSize(): number {
    while (this.#prefixRead < PREFIX_BYTES && this.position < this.chunk.length) {
      // Multiplied, not shifted: a shift would make lengths above 2^31 negative.
      this.#size = this.#size * 256 + (this.chunk[this.position] ?? 0);
      this.position += 1;
      this.#prefixRead += 1;
    }
    if (this.#prefixRead < PREFIX_BYTES) return -1;
    const size = this.#size;
    this.#prefixRead = 0;
    this.#size = 0;
    return size;
  }
}
