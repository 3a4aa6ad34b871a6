import { malformed, Refusal } from "./errors.js";
import { writeExtensionHeader } from "./headers.js";
import type { Output } from "./output.js";

/** The extension type of timestamps. */
export const TIMESTAMP = -1;

const UINT32 = 2 ** 32;
const UINT34 = 2 ** 34;

/** In the shortest of three forms: seconds of 32 bits, of 34 bits with nanoseconds, of 64 bits with nanoseconds. */
export function writeTimestamp(out: Output, date: Date): void {
  // The time itself; the method of a user's class may say something else.
  const time = Date.prototype.getTime.call(date);
  if (Number.isNaN(time)) throw new Refusal(date, "an invalid Date can't be sent as MessagePack");
  const seconds = Math.floor(time / 1000);
  const nanoseconds = (time - seconds * 1000) * 1_000_000;
  if (seconds >= 0 && seconds < UINT32 && nanoseconds === 0) write(out, [seconds]);
  else if (seconds >= 0 && seconds < UINT34) write(out, [nanoseconds * 4 + Math.floor(seconds / UINT32), seconds]);
  else write(out, [nanoseconds, Math.floor(seconds / UINT32), seconds]);
}

function write(out: Output, words: readonly number[]): void {
  writeExtensionHeader(out, 4 * words.length, TIMESTAMP);
  out.reserve(4 * words.length);
  for (const word of words) {
    out.view.setUint32(out.at, word);
    out.at += 4;
  }
}

/** A `Date` counts milliseconds: what is finer is cut off, towards the past. */
export function readTimestamp(data: Uint8Array): Date {
  const [seconds, nanoseconds] = readTime(new DataView(data.buffer, data.byteOffset, data.length));
  if (nanoseconds > 999_999_999) throw malformed(`a timestamp with ${nanoseconds} nanoseconds`);
  const date = new Date(seconds * 1000 + Math.floor(nanoseconds / 1_000_000));
  if (Number.isNaN(date.getTime())) throw malformed(`a timestamp beyond the range of a Date (${seconds} s)`);
  return date;
}

function readTime(view: DataView): [seconds: number, nanoseconds: number] {
  const first = view.byteLength < 4 ? 0 : view.getUint32(0);
  switch (view.byteLength) {
    case 4:
      return [first, 0];
    case 8:
      return [(first & 3) * UINT32 + view.getUint32(4), first >>> 2];
    case 12:
      return [view.getInt32(4) * UINT32 + view.getUint32(8), first];
    default:
      throw malformed(`a timestamp of ${view.byteLength} bytes, not of 4, 8 or 12`);
  }
}
