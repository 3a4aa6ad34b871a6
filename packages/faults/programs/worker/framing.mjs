// How frames look on the wire: as much of each framing as it takes to break it on purpose.

/**
 * @typedef {"line" | "content-length" | "length"} FramingName
 * @typedef {{ readonly payload: Buffer, readonly rest: Buffer }} Taken
 * @typedef {object} Framing
 * @property {FramingName} name
 * @property {(payload: Buffer) => Buffer} frame  a whole frame
 * @property {(bytes: Buffer) => Taken | undefined} take  the first frame of these bytes; `undefined` while it is not whole
 * @property {(bytes: Buffer) => number} [needed]  how many bytes the first frame of these has, once that is known
 */

const LF = 0x0a;
const PREFIX_BYTES = 4;
const HEADERS_END = "\r\n\r\n";
const MAX_HEADER_BYTES = 8_192;

/** One JSON value in a line. @type {Framing} */
const line = {
  name: "line",
  frame: (payload) => Buffer.concat([payload, Buffer.of(LF)]),
  take(bytes) {
    const end = bytes.indexOf(LF);
    return end === -1 ? undefined : { payload: bytes.subarray(0, end), rest: bytes.subarray(end + 1) };
  },
};

/** Headers as language servers have them. @type {Framing} */
const contentLength = {
  name: "content-length",
  frame: (payload) => Buffer.concat([Buffer.from(`Content-Length: ${payload.length}\r\n\r\n`), payload]),
  take(bytes) {
    const frame = announced(bytes);
    return frame === undefined ? undefined : cut(bytes, frame.start, frame.size);
  },
  needed(bytes) {
    const frame = announced(bytes);
    return frame === undefined ? 0 : frame.start + frame.size;
  },
};

/** What the headers at the beginning say, once all of them are there. @param {Buffer} bytes */
function announced(bytes) {
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(HEADERS_END);
  const size = /^content-length: *(\d+)\r?$/im.exec(bytes.toString("latin1", 0, Math.max(end, 0)))?.[1];
  return size === undefined ? undefined : { start: end + HEADERS_END.length, size: Number(size) };
}

/** Four bytes of length, the most significant first. @type {Framing} */
const length = {
  name: "length",
  frame(payload) {
    const prefix = Buffer.alloc(PREFIX_BYTES);
    prefix.writeUInt32BE(payload.length);
    return Buffer.concat([prefix, payload]);
  },
  take: (bytes) => (bytes.length < PREFIX_BYTES ? undefined : cut(bytes, PREFIX_BYTES, bytes.readUInt32BE(0))),
  needed: (bytes) => (bytes.length < PREFIX_BYTES ? 0 : PREFIX_BYTES + bytes.readUInt32BE(0)),
};

/** @param {Buffer} bytes @param {number} start @param {number} size @returns {Taken | undefined} */
function cut(bytes, start, size) {
  const end = start + size;
  return bytes.length < end ? undefined : { payload: bytes.subarray(start, end), rest: bytes.subarray(end) };
}

/** @type {Readonly<Record<FramingName, Framing>>} */
export const FRAMINGS = { line, "content-length": contentLength, length };

/** @param {string} name @returns {name is FramingName} */
export function isFraming(name) {
  return Object.hasOwn(FRAMINGS, name);
}

/** Makes payloads of chunks. A large frame is not put together before all of it is there. */
export class FrameReader {
  /** @type {Framing} */
  #framing;
  /** @type {Buffer[]} */
  #chunks = [];
  #size = 0;
  /** So many bytes must be there before it makes sense to look again. */
  #needed = 0;

  /** @param {Framing} framing */
  constructor(framing) {
    this.#framing = framing;
  }

  /** @param {Buffer} chunk @returns {Buffer[]} the payloads that are whole now */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    // A line ends with a chunk that has a line feed, whatever came before.
    if (this.#framing.name === "line" ? !chunk.includes(LF) : this.#size < this.#needed) return [];
    /** @type {Buffer[]} */
    const payloads = [];
    /** @type {Buffer} */
    let bytes = Buffer.concat(this.#chunks);
    for (let taken = this.#framing.take(bytes); taken !== undefined; taken = this.#framing.take(bytes)) {
      payloads.push(taken.payload);
      bytes = taken.rest;
    }
    this.#chunks = [bytes];
    this.#size = bytes.length;
    this.#needed = this.#framing.needed?.(bytes) ?? 0;
    return payloads;
  }
}
