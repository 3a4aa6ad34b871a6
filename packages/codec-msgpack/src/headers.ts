import { Refusal } from "./errors.js";
import type { Output } from "./output.js";

/** The first bytes of a value that has a length: the shortest form that can say it. */

const LENGTHS = 2 ** 32;

export function writeArrayHeader(out: Output, size: number): void {
  if (size < 16) out.byte(0x90 + size);
  else if (size < 0x10000) out.tagged(0xdc, 2, size);
  else out.tagged(0xdd, 4, size);
}

export function writeMapHeader(out: Output, size: number): void {
  if (size < 16) out.byte(0x80 + size);
  else if (size < 0x10000) out.tagged(0xde, 2, size);
  else out.tagged(0xdf, 4, size);
}

/** Keeps the header's form, which may be wider than the size needs. */
export function correctMapHeader(out: Output, at: number, size: number): void {
  const form = out.view.getUint8(at);
  if (form < 0x90) out.view.setUint8(at, 0x80 + size);
  else if (form === 0xde) out.view.setUint16(at + 1, size);
  else out.view.setUint32(at + 1, size);
}

/** How many bytes the header of a text of so many bytes takes. */
export function textHeaderWidth(byteLength: number): number {
  return byteLength < 32 ? 1 : byteLength < 0x100 ? 2 : byteLength < 0x10000 ? 3 : 5;
}

export function writeTextHeader(out: Output, byteLength: number): void {
  if (byteLength < 32) out.byte(0xa0 + byteLength);
  else if (byteLength < 0x100) out.tagged(0xd9, 1, byteLength);
  else if (byteLength < 0x10000) out.tagged(0xda, 2, byteLength);
  else out.tagged(0xdb, 4, byteLength);
}

export function writeBytesHeader(out: Output, byteLength: number): void {
  if (byteLength < 0x100) out.tagged(0xc4, 1, byteLength);
  else if (byteLength < 0x10000) out.tagged(0xc5, 2, byteLength);
  else out.tagged(0xc6, 4, checkLength(byteLength));
}

export function writeExtensionHeader(out: Output, byteLength: number, code: number): void {
  if (byteLength === 1 || byteLength === 2 || byteLength === 4 || byteLength === 8 || byteLength === 16) {
    out.byte(0xd4 + Math.log2(byteLength));
  } else if (byteLength < 0x100) out.tagged(0xc7, 1, byteLength);
  else if (byteLength < 0x10000) out.tagged(0xc8, 2, byteLength);
  else out.tagged(0xc9, 4, checkLength(byteLength));
  out.byte(code);
}

function checkLength(byteLength: number): number {
  if (byteLength < LENGTHS) return byteLength;
  throw new Refusal(undefined, `a binary value of ${byteLength} bytes can't be sent; send it in parts`);
}
