// Frames and values, written once more for those who check: nothing of the libraries under test but the MessagePack codec.

import { MessagePackCodec } from "@procwire/codec-msgpack";

/** @typedef {"line" | "length" | "content-length"} Framing */
/** @typedef {"json" | "msgpack"} Codec */
/** @typedef {{ framing: Framing, codec: Codec }} Variant */

/** Every framing with every codec that it can carry. @type {readonly Variant[]} */
export const VARIANTS = [
  { framing: "line", codec: "json" },
  { framing: "length", codec: "json" },
  { framing: "content-length", codec: "json" },
  { framing: "length", codec: "msgpack" },
  { framing: "content-length", codec: "msgpack" },
];

/**
 * @param {Framing} framing
 * @param {Uint8Array} payload
 */
export function framed(framing, payload) {
  if (framing === "line") return Buffer.concat([payload, Buffer.from("\n")]);
  if (framing === "content-length") {
    return Buffer.concat([Buffer.from(`Content-Length: ${payload.length}\r\n\r\n`), payload]);
  }
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

/** @param {Codec} codec */
export function codecOf(codec) {
  if (codec === "json") {
    return {
      encode: (/** @type {unknown} */ value) => Buffer.from(JSON.stringify(value)),
      decode: (/** @type {Buffer} */ bytes) =>
        /** @type {unknown} */ (JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))),
    };
  }
  const messagePack = new MessagePackCodec();
  return {
    encode: (/** @type {unknown} */ value) => Buffer.from(/** @type {Uint8Array} */ (messagePack.encode(value))),
    decode: (/** @type {Buffer} */ bytes) => messagePack.decode(bytes, 0, bytes.length),
  };
}

/** Takes chunks, and gives the frames that are whole. */
export class Frames {
  /** @type {Buffer[]} */
  #chunks = [];
  #bytes = 0;
  #wanted = 0;

  /** @param {Framing} framing */
  constructor(framing) {
    this.framing = framing;
  }

  /**
   * @param {Buffer} chunk
   * @returns {Buffer[]}
   */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // A long frame is put together once, not for each of its chunks.
    if (this.#bytes < this.#wanted || (this.framing === "line" && !chunk.includes(10))) return [];
    let rest = Buffer.concat(this.#chunks);
    const frames = [];
    for (let found = this.#next(rest); found !== undefined; found = this.#next(rest)) {
      frames.push(rest.subarray(found.start, found.end));
      rest = rest.subarray(found.next);
    }
    this.#chunks = [rest];
    this.#bytes = rest.length;
    return frames;
  }

  /** @param {Buffer} rest */
  #next(rest) {
    this.#wanted = 0;
    if (this.framing === "line") {
      const end = rest.indexOf(10);
      return end < 0 ? undefined : { start: 0, end, next: end + 1 };
    }
    const start = this.framing === "length" ? 4 : rest.indexOf("\r\n\r\n") + 4;
    if (rest.length < 4 || start < 4) return undefined;
    const header = rest.subarray(0, start).toString("latin1");
    const length =
      this.framing === "length" ? rest.readUInt32BE() : Number(/^content-length: *(\d+)/im.exec(header)?.[1]);
    if (!Number.isInteger(length)) throw new Error(`no header with a Content-Length: ${JSON.stringify(header)}`);
    this.#wanted = start + length;
    return rest.length < start + length ? undefined : { start, end: start + length, next: start + length };
  }
}
