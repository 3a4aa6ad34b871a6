import type { Msg } from "@nats-io/transport-node";
import { Header } from "../wire/words.js";

/** What the headers of a request say. */
export interface Details {
  /** Milliseconds that are left for the work; `undefined` where the caller waits without end. */
  readonly timeLeft: number | undefined;
  /** Items of a streamed answer that may be sent; 0 where none is wanted. */
  readonly credit: number;
  readonly hasInput: boolean;
  readonly wantsProgress: boolean;
  readonly isIdempotent: boolean;
  readonly key: string | undefined;
  readonly priority: number | undefined;
  /** The body follows in parts. */
  readonly large: { readonly name: string; readonly bytes: number } | undefined;
}

/** `undefined` for a plain request. What can't be understood counts as absent. */
export function detailsOf(message: Msg): Details | undefined {
  const { headers } = message;
  if (headers === undefined) return undefined;
  const key = headers.get(Header.key);
  return {
    timeLeft: timeLeft(headers.get(Header.deadline)),
    credit: wholeNumber(headers.get(Header.credit)) ?? 0,
    hasInput: headers.has(Header.input),
    wantsProgress: headers.has(Header.progress),
    isIdempotent: headers.has(Header.idempotent),
    key: key === "" ? undefined : decoded(key),
    priority: headers.has(Header.priority) ? wholeNumber(headers.get(Header.priority)) : undefined,
    large: largeOf(headers.get(Header.large)),
  };
}

/** Never longer than the caller was ready to wait: its clock may be wrong. */
function timeLeft(value: string): number | undefined {
  const [deadline = NaN, timeout = NaN] = value.split(" ").map(Number);
  return value !== "" && deadline > 0 && timeout > 0 ? Math.min(deadline - Date.now(), timeout) : undefined;
}

function largeOf(value: string): Details["large"] {
  const [name = "", bytes] = value.split(" ");
  const total = wholeNumber(bytes ?? "");
  return name === "" || total === undefined ? undefined : { name, bytes: total };
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return text !== "" && Number.isSafeInteger(value) ? value : undefined;
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
