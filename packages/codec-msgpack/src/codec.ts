import type { Codec, Payload } from "@procwire/transport";
import { malformed, MessagePackError, Refusal } from "./errors.js";
import { readMaxDepth, type MessagePackCodecOptions } from "./options.js";
import { pathTo } from "./path.js";
import { peekMembers } from "./peek.js";
import { Reader } from "./reader.js";
import { KEEP_UP_TO_BYTES, Writer } from "./writer.js";

/**
 * MessagePack. Needs a framing that carries any byte, such as `LengthPrefixedFraming`, on both sides. A value arrives
 * as it was sent, or `encode` or `decode` throws a `MessagePackError`; the exceptions are marked with *.
 *
 * | value | on the wire | arrives as |
 * |---|---|---|
 * | null, booleans, strings | nil, bool, str | the same |
 * | safe integers | the shortest integer | number |
 * | other numbers, -0, NaN, the infinities | float 64 | number, to the bit (any NaN as NaN) |
 * | bigint within -2^63..2^64-1 | the shortest integer | bigint; number* when it is a safe integer |
 * | `Uint8Array`, `Buffer` | bin | `Uint8Array`, a view of the received chunk |
 * | the other typed arrays | extension 17 to 26, little-endian | the same class; a view where aligned, else a copy |
 * | `Date` | timestamp, extension -1 | `Date`; what is finer than a millisecond is cut off* |
 * | arrays | array | array; `undefined` and holes as null* |
 * | plain objects | map | plain object; `undefined` members are left out*, as in JSON |
 *
 * Refused when sent: everything else. That is a bigint beyond 64 bits, a string or key with a lone surrogate, the key
 * `__proto__`, an invalid `Date`, `Map`, `Set`, `ArrayBuffer`, `DataView`, functions, symbols, instances of classes
 * (`toJSON` is not called), `undefined` as the whole message, and nesting beyond `maxDepth`, so also cycles.
 *
 * Refused when received: unknown extensions, keys that are not strings, the key `__proto__`, invalid UTF-8, lengths
 * beyond the message, bytes after the value, and nesting beyond `maxDepth`. Of equal keys the last one counts.
 *
 * Binary values and typed arrays of 64 KiB and more are sent from where they are, not copied, as streams of Node send
 * their chunks: leave one unchanged until its request has settled (or its `notify` has resolved).
 */
export class MessagePackCodec implements Codec {
  readonly name = "msgpack";
  readonly binary = true;
  readonly #maxDepth: number;
  /** `undefined` while it is in use, and after a failure or a large message. */
  #writer: Writer | undefined;
  readonly #reader: Reader;

  /** Throws a `TypeError` or a `RangeError` for an option that is not what it should be. */
  constructor(options?: MessagePackCodecOptions) {
    this.#maxDepth = readMaxDepth(options);
    this.#reader = new Reader(this.#maxDepth);
  }

  /**
   * The bytes belong to the caller: the next call does not touch them. Binary values of 64 KiB and more come as pieces
   * that are the values themselves. Throws a `MessagePackError` `ENCODE_FAILED`.
   */
  encode(value: unknown): Payload {
    if (value === undefined) throw new MessagePackError("ENCODE_FAILED", "undefined is no message");
    // A getter may encode something while a message is encoded.
    const writer = this.#writer ?? new Writer(this.#maxDepth);
    this.#writer = undefined;
    try {
      const payload = writer.write(value);
      if (writer.isReusable) this.#writer = writer;
      return payload;
    } catch (error) {
      throw this.#encodeError(error, value);
    }
  }

  /** The members at the beginning of a map, for frames that can't be decoded as a whole. Never throws. */
  peek(head: Uint8Array): ReadonlyMap<string, unknown> {
    return peekMembers(head);
  }

  /** Throws a `MessagePackError` `MESSAGE_MALFORMED`. Binary values in the result are views of `bytes`. */
  decode(bytes: Uint8Array, start: number, end: number): unknown {
    let value: unknown;
    try {
      value = this.#reader.read(bytes, start, end);
    } catch (error) {
      this.#reader.forget();
      throw decodeError(error);
    }
    if (bytes.buffer.byteLength > KEEP_UP_TO_BYTES) this.#reader.forget();
    return value;
  }

  #encodeError(error: unknown, value: unknown): MessagePackError {
    if (!isRefusal(error)) {
      return new MessagePackError("ENCODE_FAILED", `not expressible as MessagePack: ${reasonOf(error)}`, {
        cause: error,
      });
    }
    const path = error.offender === undefined ? undefined : pathTo(error.offender, value, this.#maxDepth);
    return new MessagePackError("ENCODE_FAILED", path ? `${path}: ${error.message}` : error.message);
  }
}

function decodeError(error: unknown): MessagePackError {
  if (error instanceof MessagePackError) return error;
  return malformed(`unexpected ${reasonOf(error)}`, { cause: error });
}

function isRefusal(error: unknown): error is Refusal {
  try {
    return error instanceof Refusal;
  } catch {
    return false;
  }
}

/** Whatever a getter may have thrown: even a revoked proxy, of which nothing can be asked. */
function reasonOf(error: unknown): string {
  try {
    const reason: unknown = error instanceof Error ? error.message : error;
    return String(reason);
  } catch {
    return "something without words was thrown";
  }
}
