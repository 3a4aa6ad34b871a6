import { Refusal } from "./errors.js";
import { textHeaderWidth, writeTextHeader } from "./headers.js";
import type { Output } from "./output.js";

/** Texts up to this many code units are encoded here; for longer ones a call of the engine's encoder is cheaper. */
const SHORT_UNITS = 48;
const FIXSTR_BYTES = 31;

const utf8 = new TextEncoder();

/** Node 20 has it; the `lib` of this project's target does not declare it. */
interface WellFormedText {
  isWellFormed(): boolean;
}

export function writeText(out: Output, text: string): void {
  const { length } = text;
  if (length > SHORT_UNITS) {
    writeLongText(out, text);
    return;
  }
  out.reserve(2 + 3 * length);
  const width = length > FIXSTR_BYTES ? 2 : 1;
  const { bytes, at: header } = out;
  let end = header + width;
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) {
      finish(out, header + width, writeWide(bytes, text, at, end), width);
      return;
    }
    bytes[end++] = unit;
  }
  bytes[header] = width === 1 ? 0xa0 + length : 0xd9;
  if (width === 2) bytes[header + 1] = length;
  out.at = end;
}

/** Puts the header before the bytes, which move when it is longer than that of an ASCII text of their length. */
function finish(out: Output, start: number, end: number, width: number): void {
  const byteLength = end - start;
  const shift = textHeaderWidth(byteLength) - width;
  if (shift > 0) {
    out.at = start;
    out.reserve(byteLength + shift);
    out.bytes.copyWithin(start + shift, start, end);
  }
  out.at = start - width;
  writeTextHeader(out, byteLength);
  out.at = end + shift;
}

/** The rest of a text, from its first character on that is not ASCII. */
function writeWide(bytes: Uint8Array, text: string, from: number, start: number): number {
  let end = start;
  for (let at = from; at < text.length; at++) {
    const point = text.codePointAt(at) ?? 0;
    if (point < 0x80) {
      bytes[end++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[end++] = 0xc0 | (point >> 6);
    } else if (point < 0x10000) {
      if ((point & 0xf800) === 0xd800) throw loneSurrogate(text);
      bytes[end++] = 0xe0 | (point >> 12);
      bytes[end++] = 0x80 | ((point >> 6) & 0x3f);
    } else {
      at += 1;
      bytes[end++] = 0xf0 | (point >> 18);
      bytes[end++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[end++] = 0x80 | ((point >> 6) & 0x3f);
    }
    bytes[end++] = 0x80 | (point & 0x3f);
  }
  return end;
}

/** Makes room for ASCII first, and then for what is left, so that long texts don't take three times their size. */
function writeLongText(out: Output, text: string): void {
  if (!(text as unknown as WellFormedText).isWellFormed()) throw loneSurrogate(text);
  const width = textHeaderWidth(text.length);
  const start = out.at + width;
  out.reserve(width + text.length);
  let { read, written } = utf8.encodeInto(text, out.bytes.subarray(start));
  while (read < text.length) {
    out.at = start + written;
    out.reserve(3 * (text.length - read));
    const more = utf8.encodeInto(text.slice(read), out.bytes.subarray(out.at));
    read += more.read;
    written += more.written;
  }
  finish(out, start, start + written, width);
}

function loneSurrogate(text: string): Refusal {
  return new Refusal(text, "a string with a lone surrogate has no UTF-8");
}
