import { ExtData } from "@msgpack/msgpack";
import { Refusal } from "./errors.js";
import { LibraryEncoder } from "./library.js";
import { createTimestamp } from "./timestamp.js";
import { typedArrayBytes, typedArrayCode, typedArrayName } from "./typed-arrays.js";

/** From here on a binary value is not copied into the encoder's buffer; above what shorter forms of its header can say. */
const LARGE_BYTES = 64 * 1024;
const FIXSTR_BYTES = 31;
/** Texts above this are encoded by the engine and copied, which is faster than the loop in which the library counts. */
const ENCODE_NATIVELY_ABOVE = 1024;
const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

const utf8 = new TextEncoder();

/** Node 20 has it; the `lib` of this project's target does not declare it. */
interface WellFormedText {
  isWellFormed(): boolean;
}

export interface LargeBytes {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** The library's encoder with the rules of this codec: what can't arrive as it is, is refused. */
export class StrictEncoder extends LibraryEncoder {
  readonly #maxDepth: number;
  /** Large binary values of the last message, and the positions at which they belong into the rest. */
  large: LargeBytes[] = [];

  constructor(maxDepth: number) {
    // The library counts values, and a value in the deepest container is one level further down.
    super({ maxDepth: maxDepth + 1 });
    this.#maxDepth = maxDepth;
  }

  /** Called by the library when a getter encodes something else while this encoder is at work. */
  override clone(): StrictEncoder {
    return new StrictEncoder(this.#maxDepth);
  }

  override encodeNumber(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) super.encodeNumber(value);
    else this.#encodeFloat(value);
  }

  #encodeFloat(value: number): void {
    this.ensureBufferSizeToWrite(9);
    this.view.setUint8(this.pos, 0xcb);
    this.view.setFloat64(this.pos + 1, value);
    this.pos += 9;
  }

  override encodeString(text: string): void {
    if (text.length <= FIXSTR_BYTES && this.#encodeShortAscii(text)) return;
    if (!(text as unknown as WellFormedText).isWellFormed()) {
      throw new Refusal(text, "a string with a lone surrogate has no UTF-8");
    }
    if (text.length <= ENCODE_NATIVELY_ABOVE) super.encodeString(text);
    else this.#encodeLongText(text);
  }

  /** False, and nothing written, when the text is not ASCII. */
  #encodeShortAscii(text: string): boolean {
    const length = text.length;
    this.ensureBufferSizeToWrite(1 + length);
    const { bytes, pos } = this;
    bytes[pos] = 0xa0 + length;
    for (let at = 0; at < length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f) return false;
      bytes[pos + 1 + at] = unit;
    }
    this.pos = pos + 1 + length;
    return true;
  }

  #encodeLongText(text: string): void {
    const encoded = utf8.encode(text);
    this.ensureBufferSizeToWrite(5 + encoded.length);
    this.writeStringHeader(encoded.length);
    this.bytes.set(encoded, this.pos);
    this.pos += encoded.length;
  }

  /** Everything but null, booleans, numbers and strings. */
  override encodeObject(value: unknown, depth: number): void {
    if (typeof value === "bigint") this.#encodeBigInt(value);
    else if (typeof value !== "object" || value === null) throw new Refusal(value, `a ${typeof value} can't be sent`);
    else if (Array.isArray(value)) this.encodeArray(value, this.#checkDepth(depth));
    else if (isPlain(value)) this.encodeMap(value as Record<string, unknown>, this.#checkDepth(depth));
    else if (ArrayBuffer.isView(value)) this.#encodeView(value);
    else if (value instanceof Date) this.encodeExtension(createTimestamp(value));
    else throw new Refusal(value, unsendable(value));
  }

  #checkDepth(depth: number): number {
    if (depth > this.#maxDepth) {
      throw new Refusal(undefined, `nested deeper than ${this.#maxDepth} levels, or containing itself`);
    }
    return depth;
  }

  /** As many elements as the header says, whatever a getter among them does to the array meanwhile. */
  override encodeArray(items: readonly unknown[], depth: number): void {
    const { length } = items;
    this.#encodeArrayHeader(length);
    for (let at = 0; at < length; at++) this.doEncode(items[at], depth + 1);
  }

  #encodeArrayHeader(size: number): void {
    this.ensureBufferSizeToWrite(5);
    const { view, pos } = this;
    if (size < 16) {
      view.setUint8(pos, 0x90 + size);
      this.pos = pos + 1;
    } else if (size < 0x10000) {
      view.setUint8(pos, 0xdc);
      view.setUint16(pos + 1, size);
      this.pos = pos + 3;
    } else {
      view.setUint8(pos, 0xdd);
      view.setUint32(pos + 1, size);
      this.pos = pos + 5;
    }
  }

  /**
   * Each member is read once, because a getter may say something else the second time. How many there are without the
   * `undefined` ones is known at the end, and is then put into the header.
   */
  override encodeMap(object: Readonly<Record<string, unknown>>, depth: number): void {
    const keys = Object.keys(object);
    const header = this.pos;
    this.#encodeMapHeader(keys.length);
    let left = keys.length;
    for (const key of keys) {
      const value = object[key];
      if (value === undefined) continue;
      if (key === "__proto__") throw new Refusal(object, 'the key "__proto__" can\'t be sent');
      this.encodeString(key);
      this.doEncode(value, depth + 1);
      left -= 1;
    }
    if (left > 0) this.#correctMapHeader(header, keys.length - left);
  }

  #encodeMapHeader(size: number): void {
    this.ensureBufferSizeToWrite(5);
    const { view, pos } = this;
    if (size < 16) {
      view.setUint8(pos, 0x80 + size);
      this.pos = pos + 1;
    } else if (size < 0x10000) {
      view.setUint8(pos, 0xde);
      view.setUint16(pos + 1, size);
      this.pos = pos + 3;
    } else {
      view.setUint8(pos, 0xdf);
      view.setUint32(pos + 1, size);
      this.pos = pos + 5;
    }
  }

  /** Keeps the header's form, which may be wider than the size needs. */
  #correctMapHeader(pos: number, size: number): void {
    const form = this.view.getUint8(pos);
    if (form < 0x90) this.view.setUint8(pos, 0x80 + size);
    else if (form === 0xde) this.view.setUint16(pos + 1, size);
    else this.view.setUint32(pos + 1, size);
  }

  #encodeBigInt(value: bigint): void {
    const number = Number(value);
    if (Number.isSafeInteger(number)) {
      this.encodeNumber(number);
      return;
    }
    if (value < MIN_INT64 || value > MAX_UINT64) {
      throw new Refusal(value, "a bigint beyond -2^63..2^64-1 has no MessagePack integer; send it as a string");
    }
    this.ensureBufferSizeToWrite(9);
    this.view.setUint8(this.pos, value < 0n ? 0xd3 : 0xcf);
    // The two's complement of a negative value: the same 64 bits either way.
    this.view.setBigUint64(this.pos + 1, BigInt.asUintN(64, value));
    this.pos += 9;
  }

  #encodeView(view: ArrayBufferView): void {
    if (view.byteLength === 0) assertAttached(view);
    const name = typedArrayName(view) ?? "DataView";
    const code = typedArrayCode(name);
    if (name !== "Uint8Array" && code === undefined) throw new Refusal(view, unsendable(view));
    if (view.byteLength >= LARGE_BYTES) this.#encodeLarge(bytesOf(view, name, code), code);
    else if (code === undefined) this.encodeBinary(view);
    else this.encodeExtension(new ExtData(code, typedArrayBytes(view, name)));
  }

  /** The header of a bin 32 or an ext 32; the bytes join later. */
  #encodeLarge(bytes: Uint8Array, code: number | undefined): void {
    this.ensureBufferSizeToWrite(6);
    const { view, pos } = this;
    view.setUint8(pos, code === undefined ? 0xc6 : 0xc9);
    view.setUint32(pos + 1, bytes.length);
    if (code !== undefined) view.setUint8(pos + 5, code);
    this.pos = pos + (code === undefined ? 5 : 6);
    this.large.push({ at: this.pos, bytes });
  }
}

function bytesOf(view: ArrayBufferView, name: string, code: number | undefined): Uint8Array {
  return code === undefined
    ? new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
    : typedArrayBytes(view, name);
}

/** True for `{}`, for objects without a prototype, and for `{}` of another realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null;
}

/** An array whose buffer was transferred away has length 0: sending that would be silent loss. */
function assertAttached(view: ArrayBufferView): void {
  try {
    new Uint8Array(view.buffer, 0, 0);
  } catch {
    throw new Refusal(view, "a typed array whose buffer was transferred can't be sent");
  }
}

const HINTS = new Map([
  ["Map", "send Object.fromEntries(map) or [...map]"],
  ["Set", "send [...set]"],
  ["ArrayBuffer", "send new Uint8Array(buffer)"],
  ["SharedArrayBuffer", "send new Uint8Array(buffer)"],
  ["DataView", "send a Uint8Array of its bytes"],
]);

function unsendable(value: object): string {
  const constructor: unknown = Reflect.get(value, "constructor");
  const name = typeof constructor === "function" && constructor.name !== "" ? constructor.name : "unnamed class";
  return `an instance of ${name} can't be sent as MessagePack; ${HINTS.get(name) ?? "send a plain object"}`;
}
