import type { ExtensionCodecType } from "@msgpack/msgpack";
import { malformed } from "./errors.js";
import { LibraryDecoder } from "./library.js";
import { SHORT_TEXT_BYTES, ShortTexts } from "./short-texts.js";
import { EXT_TIMESTAMP, readTimestamp } from "./timestamp.js";
import { readTypedArray } from "./typed-arrays.js";

/** V8 makes `new Array(n)` above this a hash table, in which filling it takes far longer. */
const PREALLOCATE_UP_TO = 32 * 1024 * 1024;

const extensions: ExtensionCodecType<undefined> = {
  tryToEncode: () => null,
  decode: (data, code) => (code === EXT_TIMESTAMP ? readTimestamp(data) : readTypedArray(data, code)),
};

/** The library's decoder with the rules of this codec: exact integers, checked UTF-8, bounded depth and lengths. */
export class StrictDecoder extends LibraryDecoder {
  readonly #maxDepth: number;
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #shortTexts = new ShortTexts();
  /** Values that must follow, as all arrays and maps read so far have announced. */
  #announced = 0;

  constructor(maxDepth: number) {
    super({ extensionCodec: extensions, keyDecoder: null, mapKeyConverter: assertStringKey });
    this.#maxDepth = maxDepth;
  }

  override decode(bytes: Uint8Array): unknown {
    this.#announced = 0;
    return super.decode(bytes);
  }

  override pushArrayState(size: number): void {
    this.#enter(size);
    super.pushArrayState(size);
    const state = size > PREALLOCATE_UP_TO ? this.stack.top() : undefined;
    if (state !== undefined) state.array = [];
  }

  override pushMapState(size: number): void {
    this.#enter(2 * size);
    super.pushMapState(size);
  }

  /**
   * Each value takes at least a byte. So all that arrays and maps announce together is less than the frame has bytes,
   * and what is allocated for them stays in proportion to the frame, however they are nested.
   */
  #enter(values: number): void {
    this.#announced += values;
    if (this.#announced >= this.view.byteLength) throw malformed("an array or a map is longer than the message");
    if (this.stack.length >= this.#maxDepth) throw malformed(`nested deeper than ${this.#maxDepth} levels`);
  }

  override decodeString(byteLength: number, headerOffset: number): string {
    const start = this.pos + headerOffset;
    const end = start + byteLength;
    if (end > this.bytes.length) throw malformed("a string is longer than the message");
    this.pos = end;
    if (byteLength === 0) return "";
    const known = byteLength <= SHORT_TEXT_BYTES ? this.#shortTexts.read(this.bytes, start, end) : undefined;
    return known ?? this.#decodeUtf8(start, end);
  }

  #decodeUtf8(start: number, end: number): string {
    try {
      return this.#utf8.decode(this.bytes.subarray(start, end));
    } catch (cause) {
      throw malformed("a string is not UTF-8", { cause });
    }
  }

  override readU64(): number | bigint {
    const value = super.readU64();
    return Number.isSafeInteger(value) ? value : this.view.getBigUint64(this.pos - 8);
  }

  override readI64(): number | bigint {
    const value = super.readI64();
    return Number.isSafeInteger(value) ? value : this.view.getBigInt64(this.pos - 8);
  }
}

/** A number would become a string, and could meet that string as another key. */
function assertStringKey(key: unknown): string {
  if (typeof key === "string") return key;
  throw malformed(`a map key is not a string (but ${key === null ? "null" : `a ${typeof key}`})`);
}
