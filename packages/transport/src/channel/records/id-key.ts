import { ExactId, type RequestId } from "../../protocol/contract.js";

/** By this ids are compared: by their value; one whose value JavaScript's numbers can't hold, by its text. */
export type IdKey = number | string | bigint | null;

/** Texts of exact ids begin so in keys. A string that does gets one more: no string is the key of a number. */
const EXACT = "\0";

const NOT_A_NUMBER = `${EXACT}NaN`;

export function keyOf(id: RequestId): IdKey {
  // NaN, which MessagePack has, is not equal to itself.
  if (typeof id === "number") return id === id ? id : NOT_A_NUMBER;
  if (typeof id === "string") return id.startsWith(EXACT) ? EXACT + id : id;
  if (!(id instanceof ExactId)) return id;
  const value = Number(id.text);
  return Number.isSafeInteger(value) ? value : EXACT + id.text;
}
