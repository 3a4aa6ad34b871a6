import type { ByteSink, Payload, Piece } from "./contract.js";

const encoder = new TextEncoder();
/** Texts up to this length are measured by a loop; encoding them only to learn the length would cost more. */
const COUNT_BY_LOOP = 1024;

/** The payload's bytes. */
export function toBytes(payload: Payload): Uint8Array {
  if (typeof payload === "string") return encoder.encode(payload);
  return payload instanceof Uint8Array ? payload : joinBytes(payload.map(toBytes));
}

/** The payload's pieces, in order. */
export function piecesOf(payload: Payload): readonly Piece[] {
  return typeof payload === "string" || payload instanceof Uint8Array ? [payload] : payload;
}

/** The payload's length in bytes (of UTF-8 where it is text). */
export function byteLength(payload: Payload): number {
  if (typeof payload === "string") {
    return payload.length <= COUNT_BY_LOOP ? countUtf8(payload) : encoder.encode(payload).length;
  }
  if (payload instanceof Uint8Array) return payload.length;
  return payload.reduce((sum, piece) => sum + byteLength(piece), 0);
}

/** About the payload's length, at no cost: text counts one per UTF-16 unit. */
export function unitLength(payload: Payload): number {
  return piecesOf(payload).reduce((sum, { length }) => sum + length, 0);
}

/** Whether the payload has at most `max` bytes; exact, and without encoding it where its length alone decides. */
export function fits(payload: Payload, max: number): boolean {
  if (typeof payload !== "string") return byteLength(payload) <= max;
  if (payload.length > max) return false;
  return payload.length * 3 <= max || byteLength(payload) <= max;
}

export function writePayload(payload: Payload, sink: ByteSink): void {
  if (typeof payload === "string") sink.text(payload);
  else if (payload instanceof Uint8Array) sink.bytes(payload);
  else for (const piece of payload) writePayload(piece, sink);
}

/** All parts one after the other, in one array. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let used = 0;
  for (const part of parts) {
    joined.set(part, used);
    used += part.length;
  }
  return joined;
}

function countUtf8(text: string): number {
  let count = text.length;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) continue;
    count += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00 && isLowSurrogate(text, at + 1)) {
      // A pair is four bytes: one more than its first half was counted as, and nothing more for the second.
      at += 1;
    }
  }
  return count;
}

function isLowSurrogate(text: string, at: number): boolean {
  const unit = at < text.length ? text.charCodeAt(at) : 0;
  return unit >= 0xdc00 && unit < 0xe000;
}
