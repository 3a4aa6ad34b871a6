import { decodeTimestampToTimeSpec, encodeTimestampExtension, EXT_TIMESTAMP, ExtData } from "@msgpack/msgpack";
import { malformed, Refusal } from "./errors.js";

export { EXT_TIMESTAMP };

export function createTimestamp(date: Date): ExtData {
  const data = Number.isNaN(date.getTime()) ? null : encodeTimestampExtension(date);
  if (data === null) throw new Refusal(date, "an invalid Date can't be sent as MessagePack");
  return new ExtData(EXT_TIMESTAMP, data);
}

/** A `Date` counts milliseconds: what is finer is cut off, towards the past. */
export function readTimestamp(data: Uint8Array): Date {
  const { sec, nsec } = decodeTimestampToTimeSpec(data);
  if (nsec > 999_999_999) throw malformed(`a timestamp with ${nsec} nanoseconds`);
  const date = new Date(sec * 1000 + Math.floor(nsec / 1_000_000));
  if (Number.isNaN(date.getTime())) throw malformed(`a timestamp beyond the range of a Date (${sec} s)`);
  return date;
}
