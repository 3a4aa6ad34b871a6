import type { Payload } from "./contract.js";

const encoder = new TextEncoder();
/** Texts up to this length are measured by a loop; encoding them only to learn the length would cost more. */
const COUNT_BY_LOOP = 1024;

/** The payload's bytes. */
export function toBytes(payload: Payload): Uint8Array {
  return typeof payload === "string" ? encoder.encode(payload) : payload;
}

/** The payload's length in bytes (of UTF-8 where it is text). */
export function byteLength(payload: Payload): number {
  if (typeof payload !== "string") return payload.length;
  return payload.length <= COUNT_BY_LOOP ? countUtf8(payload) : encoder.encode(payload).length;
}

/** Whether the payload has at most `max` bytes; exact, and without encoding it where its length alone decides. */
export function fits(payload: Payload, max: number): boolean {
  if (typeof payload !== "string") return payload.length <= max;
  if (payload.length > max) return false;
  return payload.length * 3 <= max || byteLength(payload) <= max;
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
