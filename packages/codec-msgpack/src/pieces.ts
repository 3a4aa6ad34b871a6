import type { Payload } from "@procwire/transport";
import type { StrictEncoder } from "./strict-encoder.js";

/** Buffers up to this size are kept from message to message. */
export const KEEP_UP_TO_BYTES: number = 1024 * 1024;

/**
 * Encodes a message into pieces: its large binary values are not copied into the encoder's buffer, which would have to
 * grow for them, but go out from where they are.
 */
export function encodeInPieces(encoder: StrictEncoder, value: unknown): Payload {
  encoder.large = [];
  const rest = encoder.encodeSharedRef(value);
  const { large } = encoder;
  encoder.large = [];
  if (large.length === 0) return keepable(rest);
  const pieces: Uint8Array[] = [];
  let used = 0;
  for (const { at, bytes } of large) {
    pieces.push(rest.slice(used, at), bytes);
    used = at;
  }
  return used < rest.length ? [...pieces, rest.slice(used)] : pieces;
}

/** A large buffer is given away as it is, which saves the copy; the encoder is not used again then. */
function keepable(bytes: Uint8Array): Uint8Array {
  return bytes.buffer.byteLength <= KEEP_UP_TO_BYTES ? new Uint8Array(bytes) : bytes;
}
