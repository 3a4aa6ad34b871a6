/** Codec: frame <-> value. It runs synchronously, holds no timer and does no I/O. */

import type { Payload } from "../framing/contract.js";
import type { IsLeft } from "./json-numbers.js";

export interface Codec {
  /** A short name for messages and logs, such as `"json"`. */
  readonly name: string;
  /** True where `encode` may produce any byte; such a codec needs a framing with `carriesBinary`. */
  readonly binary: boolean;
  /** Throws when the value can't be expressed. The result must not be written to afterwards. */
  encode(value: unknown): Payload;
  /**
   * The value in `bytes[start..end)`. Throws when there is none. What it returns may refer to `bytes`.
   * `bytes` is the same array for all frames of one chunk, so that work can be shared between them.
   */
  decode(bytes: Uint8Array, start: number, end: number): unknown;
  /**
   * The members at the beginning of a map whose frame is too large, or can't be decoded: by them a request is told that
   * its answer is lost. A member that can't be read is listed with `undefined`. Must not throw.
   */
  peek?(head: Uint8Array): ReadonlyMap<string, unknown>;
}

/**
 * A codec whose texts can be put together: the text of a map is made of the texts of its members, in JSON's way.
 * A protocol can then write its envelope around the text of the parameters, which costs a third of encoding the whole.
 */
export interface JsonTextCodec extends Codec {
  readonly binary: false;
  /**
   * The JSON text of the value, long parts of it perhaps as bytes; `undefined` where JSON has none (a function, a symbol,
   * `undefined`).
   */
  stringify(value: unknown): Payload | undefined;
  /** The text in `bytes[start..end)`. Throws when it is not valid UTF-8. */
  text(bytes: Uint8Array, start: number, end: number): string;
  /**
   * Throws when the text is not JSON, or nested too deep; an `AlteredNumberError` when it holds a number that would be
   * altered.
   * @param isLeft tells the numbers that the caller reads from the text itself
   */
  parse(text: string, isLeft?: IsLeft): unknown;
}

export function isJsonTextCodec(codec: Codec): codec is JsonTextCodec {
  return "stringify" in codec && typeof codec.stringify === "function";
}

/** A codec that can read a part of a frame; ours does, and no other has to. */
export interface PartDecoder {
  /** As `decode`, of a value that has so many arrays and objects around it. */
  decodeInside(bytes: Uint8Array, start: number, end: number, outerLevels: number): unknown;
}

export function isPartDecoder<Kind extends Codec>(codec: Kind): codec is Kind & PartDecoder {
  return "decodeInside" in codec;
}
