import { SHORT_TEXT_BYTES, textOf, unitsFor } from "./short-texts.js";

/**
 * The text of up to `SHORT_TEXT_BYTES` of UTF-8. `undefined` where there are more or where they are not valid: the
 * engine's decoder has the word then. It is exact, but a call of it costs more than these few bytes.
 */
export function wideText(bytes: Uint8Array, start: number, end: number): string | undefined {
  if (end - start > SHORT_TEXT_BYTES) return undefined;
  const units = unitsFor(countUnits(bytes, start, end));
  let count = 0;
  for (let at = start; at < end;) {
    const lead = bytes[at] ?? 0;
    const width = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const point = at + width > end ? -1 : width === 1 ? lead : codePoint(bytes, at, lead, width);
    if (point < 0) return undefined;
    if (point > 0xffff) units[count++] = 0xd7c0 + (point >> 10);
    units[count++] = point > 0xffff ? 0xdc00 | (point & 0x3ff) : point;
    at += width;
  }
  return textOf(units);
}

/** Of valid UTF-8: a unit per character, and two where it takes four bytes. */
function countUnits(bytes: Uint8Array, start: number, end: number): number {
  let count = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte & 0xc0) !== 0x80) count += byte < 0xf0 ? 1 : 2;
  }
  return count;
}

/** Of a character of two to four bytes; -1 when it is overlong, a surrogate, beyond Unicode or broken. */
function codePoint(bytes: Uint8Array, at: number, lead: number, width: number): number {
  const second = tail(bytes, at + 1);
  if (width === 2) return lead < 0xc2 || second < 0 ? -1 : ((lead & 0x1f) << 6) | second;
  const third = tail(bytes, at + 2);
  if (second < 0 || third < 0) return -1;
  if (width === 3) {
    const point = ((lead & 0x0f) << 12) | (second << 6) | third;
    return point < 0x800 || (point & 0xf800) === 0xd800 ? -1 : point;
  }
  const fourth = tail(bytes, at + 3);
  const point = ((lead & 0x0f) << 18) | (second << 12) | (third << 6) | fourth;
  return fourth < 0 || point < 0x10000 || point > 0x10ffff ? -1 : point;
}

/** The six bits of a byte that continues a character; -1 when it does not. */
function tail(bytes: Uint8Array, at: number): number {
  const bits = (bytes[at] ?? 0) ^ 0x80;
  return bits > 0x3f ? -1 : bits;
}
