import { Refusal } from "./errors.js";
import type { Output } from "./output.js";

const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/** A safe integer in its shortest form, any other number as a float of 64 bits. */
export function writeNumber(out: Output, value: number): void {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) writeFloat(out, value);
  else if (value >= 0) writeUnsigned(out, value);
  else writeNegative(out, value);
}

export function writeBigInt(out: Output, value: bigint): void {
  const number = Number(value);
  if (Number.isSafeInteger(number)) {
    writeNumber(out, number);
    return;
  }
  if (value < MIN_INT64 || value > MAX_UINT64) {
    throw new Refusal(value, "a bigint beyond -2^63..2^64-1 has no MessagePack integer; send it as a string");
  }
  writeInteger64(out, value);
}

function writeUnsigned(out: Output, value: number): void {
  if (value < 0x80) out.byte(value);
  else if (value < 0x100) out.tagged(0xcc, 1, value);
  else if (value < 0x10000) out.tagged(0xcd, 2, value);
  else if (value < 0x1_0000_0000) out.tagged(0xce, 4, value);
  else writeSafe64(out, 0xcf, value);
}

function writeNegative(out: Output, value: number): void {
  if (value >= -0x20) out.byte(value);
  else if (value >= -0x80) out.tagged(0xd0, 1, value);
  else if (value >= -0x8000) out.tagged(0xd1, 2, value);
  else if (value >= -0x8000_0000) out.tagged(0xd2, 4, value);
  else writeSafe64(out, 0xd3, value);
}

/** In two halves, without a bigint between. */
function writeSafe64(out: Output, tag: number, value: number): void {
  out.tagged(tag, 4, Math.floor(value / 0x1_0000_0000));
  out.reserve(4);
  out.view.setUint32(out.at, value);
  out.at += 4;
}

function writeInteger64(out: Output, value: bigint): void {
  out.reserve(9);
  out.bytes[out.at] = value < 0n ? 0xd3 : 0xcf;
  // The two's complement of a negative value: the same 64 bits either way.
  out.view.setBigUint64(out.at + 1, BigInt.asUintN(64, value));
  out.at += 9;
}

function writeFloat(out: Output, value: number): void {
  out.reserve(9);
  out.bytes[out.at] = 0xcb;
  out.view.setFloat64(out.at + 1, value);
  out.at += 9;
}
