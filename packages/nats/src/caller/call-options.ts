import type { RequestOptions } from "@procwire/transport";
import { checkOptions, timeoutFor, type CheckedOptions } from "@procwire/transport/extend";
import type { Aside } from "./asides.js";

export interface ReadCall {
  readonly options: CheckedOptions | undefined;
  readonly aside: Aside | undefined;
  readonly isIdempotent: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
}

const PLAIN: ReadCall = Object.freeze({ options: undefined, aside: undefined, isIdempotent: false, timeout: 0 });

/** Each option is read once. Throws what is wrong with them. */
export function readCall(method: string, given: RequestOptions | undefined, timeoutByDefault: number): ReadCall {
  if (given === undefined && timeoutByDefault === 0) return PLAIN;
  const options = given === undefined ? undefined : checkOptions(method, given);
  const timeout = timeoutFor(options, timeoutByDefault);
  const isIdempotent = options?.idempotent === true;
  const wantsProgress = options?.onProgress !== undefined;
  // A header is text: the key 1 and the key "1" are one to a member.
  const key = options?.key === undefined ? undefined : String(options.key);
  const priority = options?.priority;
  const isPlain = timeout === 0 && !isIdempotent && !wantsProgress && key === undefined && priority === undefined;
  const deadline = timeout === 0 ? 0 : Math.ceil(Date.now() + timeout);
  const aside = isPlain ? undefined : { key, priority, timeout, deadline, wantsProgress, isIdempotent };
  return { options, aside, isIdempotent, timeout };
}
