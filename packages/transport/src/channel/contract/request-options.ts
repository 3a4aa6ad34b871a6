import { abortSignal, bool, func, milliseconds, refuse } from "../../checks/kinds.js";
import { nameOf } from "../../checks/name-of.js";
import { assertKnown, type Check, type OptionTable } from "../../checks/options.js";
import type { AnyIterable } from "./items.js";

/** What one request can be told. */
export interface RequestOptions {
  /** Milliseconds; overrides the channel's. 0 and Infinity mean: no limit. */
  readonly timeout?: number | undefined;
  /** Cancels the request: its promise rejects with the signal's reason, and the other side is told. */
  readonly signal?: AbortSignal | undefined;
  /** Gets each progress value that the handler reports. */
  readonly onProgress?: ((value: any) => void) | undefined; // eslint-disable-line @typescript-eslint/no-explicit-any -- the caller names the type it expects; the wire can't promise it
  /** Items that go with the request; the handler reads them from `context.input`, and its pace holds them back. */
  readonly input?: AnyIterable | undefined;
  /**
   * True: it does no harm when the method runs twice. Where the channel has `restart`, the request is sent again to the
   * next worker when one has died over it, within its timeout; after a second death it is refused with `QUARANTINED`.
   * A request with `input` is not, and no stream.
   */
  readonly idempotent?: boolean | undefined;
  /** In a pool: requests with the same key go to the same worker, as long as the pool keeps its size. */
  readonly key?: string | number | undefined;
  /** In a pool: of the requests that wait for a worker, those with a higher number leave first. Default 0. */
  readonly priority?: number | undefined;
}

const iterable: Check<AnyIterable> = (value, place) =>
  isIterable(value) ? value : refuse(TypeError, value, place, "iterable: an array, a generator, a stream");

const aKey: Check<string | number> = (value, place) =>
  typeof value === "string" || Number.isFinite(value)
    ? (value as string | number)
    : refuse(TypeError, value, place, "a string or a number");

const aPriority: Check<number> = (value, place) =>
  Number.isFinite(value)
    ? (value as number)
    : refuse(typeof value === "number" ? RangeError : TypeError, value, place, "a finite number");

export const REQUEST_OPTIONS: OptionTable<RequestOptions> = {
  timeout: milliseconds,
  signal: abortSignal,
  onProgress: func("that gets each value"),
  input: iterable,
  idempotent: bool,
  key: aKey,
  priority: aPriority,
};

/** The options of one request. Each was read once: a getter can neither change its mind later nor run at a bad time. */
export interface CheckedOptions {
  /** Milliseconds; `undefined` where the channel's holds. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly input: AnyIterable | undefined;
  readonly key: string | number | undefined;
  readonly priority: number | undefined;
}

/**
 * What `readOptions` does, without a loop over the table: requests are many.
 *
 * @param method stands in the messages
 */
export function checkOptions(method: string, options: RequestOptions): CheckedOptions {
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- programs without types
  if (typeof options !== "object" || options === null || Array.isArray(options)) throw noObject(method, options);
  assertKnown(options, REQUEST_OPTIONS, { where: method, name: "" });
  const { timeout, signal, onProgress, input, idempotent, key, priority } = options;
  if (timeout !== undefined) milliseconds(timeout, { where: method, name: "timeout" });
  if (signal !== undefined) abortSignal(signal, { where: method, name: "signal" });
  if (onProgress !== undefined) REQUEST_OPTIONS.onProgress(onProgress, { where: method, name: "onProgress" });
  if (input !== undefined) iterable(input, { where: method, name: "input" });
  if (idempotent !== undefined) bool(idempotent, { where: method, name: "idempotent" });
  if (key !== undefined) aKey(key, { where: method, name: "key" });
  if (priority !== undefined) aPriority(priority, { where: method, name: "priority" });
  return { timeout, signal, onProgress, input, key, priority };
}

/** Milliseconds, 0 for none. */
export function timeoutFor(checked: CheckedOptions | undefined, byDefault: number): number {
  const timeout = checked?.timeout ?? byDefault;
  return timeout === Infinity ? 0 : timeout;
}

function noObject(method: string, options: unknown): TypeError {
  return new TypeError(`${method}: the options must be an object, such as { timeout: 5000 }, not ${nameOf(options)}.`);
}

function isIterable(value: unknown): value is AnyIterable {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}
