import { toBytes } from "../framing/payload.js";
import type { Codec } from "./contract.js";

/** Bytes as they are, for protocols that bring their own encoding. A decoded value is a view of the received chunk. */
export class RawCodec implements Codec {
  readonly name = "raw";
  readonly binary = true;

  encode(value: unknown): Uint8Array {
    if (value instanceof Uint8Array) return value;
    if (typeof value === "string") return toBytes(value);
    throw new TypeError("RawCodec sends Uint8Array or string, nothing else");
  }

  decode(bytes: Uint8Array, start: number, end: number): Uint8Array {
    return bytes.subarray(start, end);
  }
}
