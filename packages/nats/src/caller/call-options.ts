import type { RequestOptions } from "@procwire/transport";
import { checkOptions, REQUEST_OPTIONS, timeoutFor, type CheckedOptions } from "@procwire/transport/extend";
import type { Aside } from "./asides.js";

export interface ReadCall {
  readonly options: CheckedOptions | undefined;
  readonly aside: Aside | undefined;
  readonly isIdempotent: boolean;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
}

const NAMES = Object.keys(REQUEST_OPTIONS) as readonly (keyof RequestOptions)[];
const PLAIN: ReadCall = Object.freeze({ options: undefined, aside: undefined, isIdempotent: false, timeout: 0 });

/** What a call is to be told beside its message. Throws what is wrong with its options. */
export function readCall(method: string, given: RequestOptions | undefined, timeoutByDefault: number): ReadCall {
  if (given === undefined && timeoutByDefault === 0) return PLAIN;
  const own = readOnce(given);
  const options = own === undefined ? undefined : checkOptions(method, own);
  const isIdempotent = own?.idempotent === true;
  const timeout = timeoutFor(options, timeoutByDefault);
  const key = options?.key === undefined ? undefined : String(options.key);
  const priority = options?.priority;
  const wantsProgress = options?.onProgress !== undefined;
  const isPlain = timeout === 0 && !isIdempotent && !wantsProgress && key === undefined && priority === undefined;
  const deadline = timeout === 0 ? 0 : Math.ceil(Date.now() + timeout);
  const aside = isPlain ? undefined : { key, priority, timeout, deadline, wantsProgress, isIdempotent };
  return { options, aside, isIdempotent, timeout };
}

/** A getter can neither change its mind later nor run at a bad time. What is no object is told by who checks it. */
export function readOnce(given: RequestOptions | undefined): RequestOptions | undefined {
  if (typeof given !== "object" || (given as unknown) === null || Array.isArray(given)) return given;
  const own: Record<string, unknown> = {};
  // Names that are none are told by who checks the options, inherited ones as well.
  for (const name in given) if (!Object.hasOwn(REQUEST_OPTIONS, name)) own[name] = undefined;
  for (const name of NAMES) {
    const value = given[name];
    if (value !== undefined) own[name] = value;
  }
  return own;
}
