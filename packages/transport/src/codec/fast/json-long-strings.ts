/**
 * Long strings, by a way of their own. `JSON.stringify` looks at a string character by character and builds the text in
 * pieces, which are then put together and encoded; `JSON.parse` goes over it again. For a string that needs no escapes
 * (base64, hexadecimal, much of English) it is enough to know that: native searches and a look at four bytes at a time
 * take a fraction of that.
 */

import type { Piece } from "../../framing/contract.js";

/** From here on, in UTF-16 units, a string goes this way. */
const LONG = 16 * 1024;
/** A value with more parts than this is left to `JSON.stringify`. */
const FEW_PARTS = 64;
const QUOTE = 0x22;

const encoder = new TextEncoder();

/** The value's JSON text in pieces; `undefined` where that would gain nothing, or is not certain to be the same. */
export function stringifyLongStrings(value: unknown): Piece[] | undefined {
  const writer = new PieceWriter();
  return writer.write(value) ? writer.finish() : undefined;
}

/** Writes values of few parts as `JSON.stringify` does; says false at any that JSON might alter. */
class PieceWriter {
  readonly #pieces: Piece[] = [];
  #text = "";
  #partsLeft = FEW_PARTS;

  finish(): Piece[] {
    if (this.#text !== "") this.#pieces.push(this.#text);
    return this.#pieces;
  }

  write(value: unknown): boolean {
    this.#partsLeft -= 1;
    if (this.#partsLeft < 0) return false;
    if (typeof value === "string") this.#string(value);
    else if (typeof value === "boolean" || value === null || Number.isFinite(value))
      this.#text += JSON.stringify(value);
    else if (Array.isArray(value)) return !("toJSON" in value) && this.#array(value);
    else return isPlain(value) && this.#object(value);
    return true;
  }

  #string(text: string): void {
    const bytes = text.length >= LONG ? plainBytes(text) : undefined;
    if (bytes === undefined) {
      this.#text += JSON.stringify(text);
      return;
    }
    this.#pieces.push(`${this.#text}"`, bytes);
    this.#text = '"';
  }

  #array(items: readonly unknown[]): boolean {
    let separator = "[";
    for (let at = 0, { length } = items; at < length; at++) {
      this.#text += separator;
      separator = ",";
      if (!this.write(items[at])) return false;
    }
    this.#text += separator === "[" ? "[]" : "]";
    return true;
  }

  #object(object: Readonly<Record<string, unknown>>): boolean {
    let separator = "{";
    for (const [key, member] of Object.entries(object)) {
      if (member === undefined) continue;
      this.#text += `${separator}${JSON.stringify(key)}:`;
      separator = ",";
      if (!this.write(member)) return false;
    }
    this.#text += separator === "{" ? "{}" : "}";
    return true;
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  return Object.getPrototypeOf(value) === Object.prototype && !("toJSON" in value);
}

/** The bytes of a string that JSON would put between quotes as it is; `undefined` for any other. */
function plainBytes(text: string): Uint8Array | undefined {
  if (text.includes('"') || text.includes("\\")) return undefined;
  const bytes = new Uint8Array(text.length);
  const { read } = encoder.encodeInto(text, bytes);
  // What is not ASCII has more bytes than units, and does not fit.
  return read === text.length && !hasControl(bytes, 0, bytes.length) ? bytes : undefined;
}

/**
 * The string in a JSON text of one long string; `undefined` where it is something else, or has escapes or errors: a
 * parser reads those.
 *
 * @param textOf the text of bytes; throws when they are not UTF-8
 */
export function readLongString(
  bytes: Uint8Array,
  start: number,
  end: number,
  textOf: (bytes: Uint8Array, start: number, end: number) => string,
): string | undefined {
  if (end - start < LONG || bytes[start] !== QUOTE || bytes[end - 1] !== QUOTE) return undefined;
  if (hasControl(bytes, start + 1, end - 1)) return undefined;
  const text = textOf(bytes, start + 1, end - 1);
  return text.includes('"') || text.includes("\\") ? undefined : text;
}

/** Whether there is a control character, which JSON has only as an escape. Looks at four bytes at a time. */
function hasControl(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start;
  for (; at < end && (bytes.byteOffset + at) % 4 !== 0; at++) if (isControl(bytes[at])) return true;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2);
  let found = 0;
  // In a byte below 0x20 the subtraction borrows: its highest bit is set then, and was not before.
  for (let index = words.length - 1; index >= 0; index--) {
    const word = words[index] ?? 0;
    found |= (word - 0x20202020) & ~word;
  }
  if ((found & 0x80808080) !== 0) return true;
  for (at += words.length * 4; at < end; at++) if (isControl(bytes[at])) return true;
  return false;
}

function isControl(byte: number | undefined): boolean {
  return byte !== undefined && byte < 0x20;
}
