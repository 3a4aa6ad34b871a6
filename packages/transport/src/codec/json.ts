import type { Payload } from "../framing/contract.js";
import { bool, count, func, oneOf } from "../checks/kinds.js";
import { readOptions, type OptionTable } from "../checks/options.js";
import { DEFAULT_LIMITS } from "../limits.js";
import type { JsonTextCodec } from "./contract.js";
import { stringifyFaithfully } from "./json-faithful.js";
import { readLongString, stringifyLongStrings, stringifySmall } from "./fast/index.js";
import { withoutAlteredNumbers, type BigIntegers, type IsLeft } from "./json-numbers.js";
import { kindOfData, LONG } from "./json-plain.js";
import { mayBeAltered } from "./json-survey.js";

/** Chunks above this are not decoded as a whole: they hold few frames, and the text would be kept for long. */
const SHARE_UP_TO_BYTES = 256 * 1024;
const NOTHING: Uint8Array = new Uint8Array(0);

export interface JsonCodecOptions {
  /** Deepest nesting of a received value. Default 128. */
  readonly maxDepth?: number | undefined;
  /** True: what JSON can't express is sent as `JSON.stringify` writes it: NaN as null, a Map as {}. Default false. */
  readonly lossy?: boolean | undefined;
  /**
   * What becomes of a received integer beyond 2^53 - 1, which a number can't tell from its neighbours.
   *
   * - `"reject"` (default): a number that would arrive altered makes its message fail; the place is named.
   * - `"bigint"`: such integers arrive as `bigint`, up to 4,096 digits. Other numbers that would be altered are refused.
   * - `"string"`: such integers, and other numbers that would be altered, arrive as their text.
   * - `"number"`: as `JSON.parse` has it, the nearest number.
   *
   * Altered is also what is too large for a number (1e400) or becomes 0 (1e-400). Fractions mean the nearest number.
   */
  readonly bigIntegers?: BigIntegers | undefined;
  /** Decodes UTF-8; must throw for invalid bytes. Default `TextDecoder`; Node has faster ways. */
  readonly decodeText?: ((bytes: Uint8Array) => string) | undefined;
}

export const JSON_CODEC_OPTIONS: OptionTable<JsonCodecOptions> = {
  maxDepth: count(0),
  lossy: bool,
  bigIntegers: oneOf<BigIntegers>(["reject", "bigint", "string", "number"]),
  decodeText: func("that gets bytes and returns their text"),
};

/**
 * JSON text in UTF-8, by the engine's own `JSON`.
 *
 * | value | on the wire |
 * |---|---|
 * | null, booleans, strings, finite numbers, arrays, plain objects | themselves; -0 as 0 |
 * | a `Date`, anything with `toJSON` | what `toJSON` returns |
 * | members that are `undefined`, a function or a symbol | left out; as elements of an array null |
 * | an instance of a class | its own enumerable members |
 * | bigint, cycles | refused |
 * | NaN, the infinities, an invalid `Date`, `Error`, `RegExp`, `Map`, `Set`, `Promise`, typed arrays, `Buffer`, `ArrayBuffer`, and instances without members | refused, unless `lossy` |
 * | a lone surrogate in a string | an escape, which arrives equal where the language can hold it |
 *
 * Received: invalid UTF-8 and nesting beyond `maxDepth` are errors; a `__proto__` key becomes a member like any other;
 * numbers that a number can't hold become what `bigIntegers` says. What is altered on the way is in docs/values.md.
 */
export class JsonCodec implements JsonTextCodec {
  readonly name = "json";
  readonly binary = false;
  readonly #maxDepth: number;
  readonly #isLossy: boolean;
  readonly #bigIntegers: BigIntegers;
  readonly #decodeText: (bytes: Uint8Array) => string;
  readonly #textOf = (bytes: Uint8Array, start: number, end: number): string => this.text(bytes, start, end);
  #sharedBytes = NOTHING;
  #sharedText = "";
  #sharedFrom = 0;

  /** Throws a `TypeError` or a `RangeError` for an option that is not what it should be. */
  constructor(given?: JsonCodecOptions) {
    const options = readOptions("JsonCodec", given, JSON_CODEC_OPTIONS);
    this.#bigIntegers = options.bigIntegers ?? "reject";
    this.#maxDepth = options.maxDepth ?? DEFAULT_LIMITS.maxDepth;
    this.#isLossy = options.lossy ?? false;
    this.#decodeText = options.decodeText ?? createDecoder();
  }

  /** Getters may be read several times. Throws a `TypeError` for what JSON can't express, and what getters and `toJSON` throw. */
  stringify(value: unknown): Payload | undefined {
    return stringifySmall(value) ?? this.#stringify(value);
  }

  #stringify(value: unknown): Payload | undefined {
    const kind = this.#isLossy ? "plain" : kindOfData(value);
    if (kind === "other") return stringifyFaithfully(value);
    const pieces = kind === "long" ? stringifyLongStrings(value) : undefined;
    return pieces ?? JSON.stringify(value);
  }

  encode(value: unknown): Payload {
    const payload = this.stringify(value);
    if (payload === undefined) throw new TypeError(`JSON has no text for a value of type ${typeof value}`);
    return payload;
  }

  decode(bytes: Uint8Array, start: number, end: number): unknown {
    return this.decodeInside(bytes, start, end, 0);
  }

  /** @internal */
  decodeInside(bytes: Uint8Array, start: number, end: number, outerLevels: number): unknown {
    const text = end - start < LONG ? undefined : readLongString(bytes, start, end, this.#textOf);
    return text ?? this.#parse(this.text(bytes, start, end), this.#maxDepth - outerLevels);
  }

  parse(text: string, isLeft?: IsLeft): unknown {
    return this.#parse(text, this.#maxDepth, isLeft);
  }

  #parse(text: string, maxDepth: number, isLeft?: IsLeft): unknown {
    const value: unknown = JSON.parse(text);
    const isCertain = !mayBeAltered(value, text, maxDepth) || this.#bigIntegers === "number";
    return isCertain ? value : withoutAlteredNumbers(text, value, this.#bigIntegers, isLeft);
  }

  /**
   * Decoding a chunk once and cutting the frames out of its text is several times cheaper than decoding each frame.
   * It needs byte offsets to be text offsets, which holds when all of it is ASCII: then, and only then, the text is as
   * long as the bytes.
   */
  text(bytes: Uint8Array, start: number, end: number): string {
    if (bytes !== this.#sharedBytes && end < bytes.length && bytes.length <= SHARE_UP_TO_BYTES)
      this.#share(bytes, start);
    if (bytes === this.#sharedBytes && this.#sharedText !== "" && start >= this.#sharedFrom) {
      return this.#sharedText.substring(start - this.#sharedFrom, end - this.#sharedFrom);
    }
    return this.#decodeText(bytes.subarray(start, end));
  }

  #share(bytes: Uint8Array, from: number): void {
    this.#sharedBytes = bytes;
    this.#sharedFrom = from;
    this.#sharedText = "";
    const rest = bytes.subarray(from);
    try {
      const text = this.#decodeText(rest);
      if (text.length === rest.length) this.#sharedText = text;
    } catch {
      // Not ASCII throughout, or cut inside a character: each frame is decoded, and judged, by itself.
    }
  }
}

function createDecoder(): (bytes: Uint8Array) => string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes) => decoder.decode(bytes);
}
