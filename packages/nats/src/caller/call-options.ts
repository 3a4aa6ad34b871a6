import type { RequestOptions } from "@procwire/transport";
import { checkOptions, refuse, timeoutFor, type CheckedOptions } from "@procwire/transport/extend";
import type { Aside } from "./asides.js";

/** What one request can be told that goes through NATS. */
export interface NatsRequestOptions extends RequestOptions {
  /** The same member for the same key, for as long as the members stay the same; behind it the same worker of a pool. */
  readonly key?: string | undefined;
  /** Handed to a pool that has priorities. */
  readonly priority?: number | undefined;
}

export interface ReadCall {
  readonly options: CheckedOptions | undefined;
  readonly aside: Aside | undefined;
  readonly isIdempotent: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
}

/** Each option is read once. Throws what is wrong with them. */
export function readCall(method: string, given: NatsRequestOptions | undefined, timeoutByDefault: number): ReadCall {
  if (given === undefined && timeoutByDefault === 0) return PLAIN;
  const { key, priority, rest } = split(given);
  if (key !== undefined && typeof (key as unknown) !== "string")
    refuse(TypeError, key, { where: method, name: "key" }, "a string");
  if (priority !== undefined && !Number.isFinite(priority))
    refuse(TypeError, priority, { where: method, name: "priority" }, "a number");
  const idempotent = rest?.idempotent;
  const options = rest === undefined ? undefined : checkOptions(method, { ...rest, idempotent });
  const timeout = timeoutFor(options, timeoutByDefault);
  const isIdempotent = idempotent === true;
  const wantsProgress = options?.onProgress !== undefined;
  const isPlain = timeout === 0 && !isIdempotent && !wantsProgress && key === undefined && priority === undefined;
  const deadline = timeout === 0 ? 0 : Math.ceil(Date.now() + timeout);
  const aside = isPlain ? undefined : { key, priority, timeout, deadline, wantsProgress, isIdempotent };
  return { options, aside, isIdempotent, timeout };
}

const PLAIN: ReadCall = Object.freeze({ options: undefined, aside: undefined, isIdempotent: false, timeout: 0 });

function split(given: NatsRequestOptions | undefined): {
  readonly key: string | undefined;
  readonly priority: number | undefined;
  readonly rest: RequestOptions | undefined;
} {
  const isObject = typeof given === "object" && (given as unknown) !== null;
  if (!isObject || !("key" in given || "priority" in given))
    return { key: undefined, priority: undefined, rest: given };
  const { key, priority, ...rest } = given;
  return { key, priority, rest };
}
