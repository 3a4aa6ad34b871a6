import { isNumber, numberWidth, readNumber } from "./read-number.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

type Scalar = string | number | bigint | null;

/**
 * The members at the beginning of a map whose frame is cut off, or can't be decoded as a whole: all in front of the
 * place where it ends or is broken. Numbers, strings and nil are read; members of other kinds, and the one that is cut,
 * are listed with `undefined`.
 */
export function peekMembers(bytes: Uint8Array): Map<string, unknown> {
  const members = new Map<string, unknown>();
  const cursor = new Cursor(bytes);
  try {
    for (let left = cursor.mapSize(); left > 0; left--) {
      const key = cursor.value();
      if (typeof key !== "string") break;
      members.set(key, undefined);
      members.set(key, cursor.value());
    }
  } catch {
    // Cut off, or not MessagePack: what was read before it stands.
  }
  return members;
}

/** Reads forward; a `RangeError` at the end of the bytes. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** 0 when the value is no map. */
  mapSize(): number {
    const type = this.#unsigned(1);
    if (type >= 0x80 && type <= 0x8f) return type & 0x0f;
    return type === 0xde ? this.#unsigned(2) : type === 0xdf ? this.#unsigned(4) : 0;
  }

  /** A string, a number or null; `undefined` for any other kind of value, which is passed over. */
  value(): Scalar | undefined {
    const type = this.#unsigned(1);
    if (type <= 0x7f) return type;
    if (type >= 0xe0) return type - 0x100;
    if (type >= 0xa0 && type <= 0xbf) return this.#text(type & 0x1f);
    if (type >= 0xd9 && type <= 0xdb) return this.#text(this.#unsigned(1 << (type - 0xd9)));
    if (type === 0xc0) return null;
    if (isNumber(type)) return readNumber(this.#view, type, this.#skip(numberWidth(type)));
    this.#pass(this.#children(type));
    return undefined;
  }

  /** Passes over so many values and what is in them, however deep they are nested. */
  #pass(values: number): void {
    for (let left = values; left > 0; left--) {
      const type = this.#unsigned(1);
      if (type <= 0x7f || type >= 0xe0) continue;
      if (type >= 0xa0 && type <= 0xbf) this.#skip(type & 0x1f);
      else if (type >= 0xd9 && type <= 0xdb) this.#skip(this.#unsigned(1 << (type - 0xd9)));
      else if (isNumber(type)) this.#skip(numberWidth(type));
      else left += this.#children(type);
    }
  }

  /** Of a value that is neither number nor string: passes over its own bytes, and tells how many values are in it. */
  #children(type: number): number {
    if (type <= 0x8f) return 2 * (type & 0x0f);
    if (type <= 0x9f) return type & 0x0f;
    if (type === 0xdc || type === 0xdd) return this.#unsigned(type === 0xdc ? 2 : 4);
    if (type === 0xde || type === 0xdf) return 2 * this.#unsigned(type === 0xde ? 2 : 4);
    if (type >= 0xc4 && type <= 0xc6) this.#skip(this.#unsigned(1 << (type - 0xc4)));
    else if (type >= 0xc7 && type <= 0xc9) this.#skip(this.#unsigned(1 << (type - 0xc7)) + 1);
    else if (type >= 0xd4 && type <= 0xd8) this.#skip((1 << (type - 0xd4)) + 1);
    else if (type === 0xc1) throw new RangeError("0xc1 begins no value");
    return 0;
  }

  #unsigned(width: number): number {
    const at = this.#skip(width);
    return width === 1 ? this.#view.getUint8(at) : width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #text(length: number): string {
    const start = this.#skip(length);
    return utf8.decode(this.#bytes.subarray(start, this.#at));
  }

  /** Where the bytes that are passed over begin. */
  #skip(length: number): number {
    const start = this.#at;
    if (start + length > this.#bytes.length) throw new RangeError("cut off");
    this.#at = start + length;
    return start;
  }
}
