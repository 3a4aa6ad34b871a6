import { malformed } from "./errors.js";
import { isNumber, numberWidth, readNumber } from "./read-number.js";
import { SHORT_TEXT_BYTES, ShortTexts } from "./short-texts.js";
import { readTimestamp, TIMESTAMP } from "./timestamp.js";
import { readTypedArray } from "./typed-arrays.js";
import { wideText } from "./wide-text.js";

/** V8 makes `new Array(n)` above this a hash table, in which filling it takes far longer. */
const PREALLOCATE_UP_TO = 32 * 1024 * 1024;
const ENDS_EARLY = "it ends inside a value";
const NOTHING: Uint8Array = new Uint8Array(0);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads a frame: each step first checks that its bytes are within the frame. What stands around the frame in its buffer
 * is never looked at. Depth bounds the recursion, and the frame's length what is allocated.
 */
export class Reader {
  readonly #maxDepth: number;
  readonly #keys = new ShortTexts();
  readonly #texts = new ShortTexts();
  /** The whole buffer of the frame: the frames of a chunk follow each other in one. */
  #bytes = NOTHING;
  #view: DataView = new DataView(NOTHING.buffer);
  #at = 0;
  #end = 0;
  /** How many more values arrays and maps may announce. */
  #allowance = 0;

  constructor(maxDepth: number) {
    this.#maxDepth = maxDepth;
  }

  read(bytes: Uint8Array, start: number, end: number): unknown {
    if (!(start >= 0 && start <= end && end <= bytes.length)) throw malformed("its frame is not within its chunk");
    if (bytes.buffer !== this.#bytes.buffer) this.#refer(new Uint8Array(bytes.buffer));
    this.#at = bytes.byteOffset + start;
    this.#end = bytes.byteOffset + end;
    this.#allowance = end - start - 1;
    const value = this.#value(0);
    const left = this.#end - this.#at;
    if (left > 0) throw malformed(`Extra ${left} byte(s) after the value`);
    return value;
  }

  /** Lets go of the last frame, which is otherwise kept until the next one. */
  forget(): void {
    this.#refer(NOTHING);
  }

  #refer(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }

  /** `depth` is the number of arrays and maps around the value. */
  #value(depth: number): unknown {
    const type = this.#unsigned8();
    if (type < 0x80) return type;
    if (type < 0x90) return this.#map(type & 0x0f, depth);
    if (type < 0xa0) return this.#array(type & 0x0f, depth);
    if (type < 0xc0) return this.#text(type & 0x1f, this.#texts);
    if (type >= 0xe0) return type - 0x100;
    if (isNumber(type)) return readNumber(this.#view, type, this.#take(numberWidth(type)));
    return this.#other(type, depth);
  }

  /** Lists of numbers are common, and this way takes half the time of the one through `#value`. */
  #isAtNumber(): boolean {
    return this.#at < this.#end && isNumber(this.#bytes[this.#at] ?? 0);
  }

  #number(): number | bigint {
    const type = this.#unsigned8();
    return readNumber(this.#view, type, this.#take(numberWidth(type)));
  }

  #other(type: number, depth: number): unknown {
    switch (type) {
      case 0xc0:
        return null;
      case 0xc2:
      case 0xc3:
        return type === 0xc3;
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#binary(this.#length(type - 0xc4));
      case 0xc7:
      case 0xc8:
      case 0xc9:
        return this.#extension(this.#length(type - 0xc7));
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#length(type - 0xd9), this.#texts);
      case 0xdc:
      case 0xdd:
        return this.#array(this.#length(type - 0xdb), depth);
      case 0xde:
      case 0xdf:
        return this.#map(this.#length(type - 0xdd), depth);
      case 0xc1:
        throw malformed("0xc1 begins no value");
      default:
        return this.#extension(1 << (type - 0xd4));
    }
  }

  #array(size: number, depth: number): unknown[] {
    if (size === 0) return [];
    this.#enter(size, depth);
    const items = size > PREALLOCATE_UP_TO ? [] : new Array<unknown>(size);
    for (let at = 0; at < size; at++) items[at] = this.#isAtNumber() ? this.#number() : this.#value(depth + 1);
    return items;
  }

  #map(size: number, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    if (size === 0) return map;
    this.#enter(2 * size, depth);
    for (let left = size; left > 0; left--) {
      const key = this.#key();
      map[key] = this.#value(depth + 1);
    }
    return map;
  }

  /**
   * Each value takes at least a byte. So all that arrays and maps announce together is less than the frame has bytes,
   * and what is allocated for them stays in proportion to the frame, however they are nested.
   */
  #enter(values: number, depth: number): void {
    this.#allowance -= values;
    if (this.#allowance < 0) throw malformed("an array or a map is longer than the message");
    if (depth >= this.#maxDepth) throw malformed(`nested deeper than ${this.#maxDepth} levels`);
  }

  /** A number would become a string, and could meet that string as another key. */
  #key(): string {
    const type = this.#unsigned8();
    const isShort = type >= 0xa0 && type <= 0xbf;
    if (!isShort && (type < 0xd9 || type > 0xdb)) {
      throw malformed(`a map key is not a string (it begins with 0x${type.toString(16).padStart(2, "0")})`);
    }
    const key = this.#text(isShort ? type & 0x1f : this.#length(type - 0xd9), this.#keys);
    if (key === "__proto__") throw malformed('the key "__proto__" is not allowed');
    return key;
  }

  #text(byteLength: number, known: ShortTexts): string {
    const start = this.#at;
    const end = start + byteLength;
    if (end > this.#end) throw malformed("a string is longer than the message");
    this.#at = end;
    if (byteLength === 0) return "";
    const short = byteLength <= SHORT_TEXT_BYTES ? known.read(this.#bytes, start, end) : undefined;
    return short ?? wideText(this.#bytes, start, end) ?? this.#decodeUtf8(start, end);
  }

  #decodeUtf8(start: number, end: number): string {
    try {
      return utf8.decode(this.#part(start, end));
    } catch (cause) {
      throw malformed("a string is not UTF-8", { cause });
    }
  }

  #binary(byteLength: number): Uint8Array {
    const start = this.#take(byteLength);
    return this.#part(start, start + byteLength);
  }

  /** As `subarray`, which takes longer. */
  #part(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#bytes.buffer, start, end - start);
  }

  #extension(byteLength: number): unknown {
    const code = this.#view.getInt8(this.#take(1));
    const data = this.#binary(byteLength);
    return code === TIMESTAMP ? readTimestamp(data) : readTypedArray(data, code);
  }

  /** A length of 1, 2 or 4 bytes, of which `form` is the logarithm. */
  #length(form: number): number {
    const at = this.#take(1 << form);
    if (form === 0) return this.#view.getUint8(at);
    return form === 1 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  #unsigned8(): number {
    const at = this.#at;
    if (at >= this.#end) throw malformed(ENDS_EARLY);
    this.#at = at + 1;
    return this.#bytes[at] ?? 0xc1;
  }

  /** Where the bytes that are passed over begin. */
  #take(count: number): number {
    const start = this.#at;
    if (start + count > this.#end) throw malformed(ENDS_EARLY);
    this.#at = start + count;
    return start;
  }
}
