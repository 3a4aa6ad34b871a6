import type { Payload } from "@procwire/transport";
import { writeView, type LargeBytes } from "./binaries.js";
import { Refusal } from "./errors.js";
import { correctMapHeader, writeArrayHeader, writeMapHeader } from "./headers.js";
import { writeBigInt, writeNumber } from "./numbers.js";
import { Output } from "./output.js";
import { isPlain, unsendable } from "./plain.js";
import { writeText } from "./texts.js";
import { writeTimestamp } from "./timestamp.js";

/** Buffers up to this size are kept from message to message. */
export const KEEP_UP_TO_BYTES: number = 1024 * 1024;

/**
 * Writes messages, one after the other; what can't arrive as it is, is refused. Runs code of the user (getters, traps
 * of proxies): while it is at work, and after it has thrown, another writer is needed.
 */
export class Writer {
  readonly #maxDepth: number;
  readonly #out = new Output();
  #large: LargeBytes[] = [];

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  /** False after a large message, whose bytes are given away with the buffer. */
  get isReusable(): boolean {
    return this.#out.bytes.length <= KEEP_UP_TO_BYTES;
  }

  /** A message, in pieces when there are large binary values in it: these go out from where they are. */
  write(value: unknown): Payload {
    const out = this.#out;
    out.at = 0;
    this.#value(value, 0);
    if (this.#large.length > 0) return this.#pieces();
    return this.isReusable ? out.bytes.slice(0, out.at) : out.bytes.subarray(0, out.at);
  }

  #pieces(): Payload {
    const { bytes, at: end } = this.#out;
    const pieces: Uint8Array[] = [];
    let used = 0;
    for (const large of this.#large) {
      pieces.push(bytes.slice(used, large.at), large.bytes);
      used = large.at;
    }
    this.#large = [];
    if (used < end) pieces.push(bytes.slice(used, end));
    return pieces;
  }

  /** `depth` is the number of arrays and maps around the value. */
  #value(value: unknown, depth: number): void {
    switch (typeof value) {
      case "string":
        writeText(this.#out, value);
        break;
      case "number":
        writeNumber(this.#out, value);
        break;
      case "boolean":
        this.#out.byte(value ? 0xc3 : 0xc2);
        break;
      case "undefined":
        this.#out.byte(0xc0);
        break;
      case "object":
        if (value === null) this.#out.byte(0xc0);
        else this.#object(value, depth);
        break;
      case "bigint":
        writeBigInt(this.#out, value);
        break;
      default:
        throw new Refusal(value, `a ${typeof value} can't be sent`);
    }
  }

  #object(value: object, depth: number): void {
    if (Array.isArray(value)) this.#array(value, this.#enter(depth));
    else if (isPlain(value)) this.#map(value as Record<string, unknown>, this.#enter(depth));
    else if (ArrayBuffer.isView(value)) writeView(this.#out, value, this.#large);
    else if (value instanceof Date) writeTimestamp(this.#out, value);
    else throw new Refusal(value, unsendable(value));
  }

  #enter(depth: number): number {
    if (depth < this.#maxDepth) return depth + 1;
    throw new Refusal(undefined, `nested deeper than ${this.#maxDepth} levels, or containing itself`);
  }

  /** As many elements as the header says, whatever a getter among them does to the array meanwhile. */
  #array(items: readonly unknown[], depth: number): void {
    const { length } = items;
    // Only a proxy can say something else.
    if (length >>> 0 !== length) throw new Refusal(items, "an array whose length is no length can't be sent");
    writeArrayHeader(this.#out, length);
    for (let at = 0; at < length; at++) this.#value(items[at], depth);
  }

  /**
   * Each member is read once, because a getter may say something else the second time. How many there are without the
   * `undefined` ones is known at the end, and is then put into the header.
   */
  #map(object: Readonly<Record<string, unknown>>, depth: number): void {
    const out = this.#out;
    const keys = Object.keys(object);
    const header = out.at;
    writeMapHeader(out, keys.length);
    let left = keys.length;
    for (const key of keys) {
      const value = object[key];
      if (value === undefined) continue;
      if (key === "__proto__") throw new Refusal(object, 'the key "__proto__" can\'t be sent');
      writeText(out, key);
      this.#value(value, depth);
      left -= 1;
    }
    if (left > 0) correctMapHeader(out, header, keys.length - left);
  }
}
