import { resolveTimeout } from "../contract/options.js";
import type { RequestOptions } from "../contract/request-options.js";
import { isSignal } from "../records/signals.js";
import { nameOf } from "../contract/name-of.js";
import type { AnyIterable } from "../contract/items.js";

/** The options of one request. Each was read once: a getter can neither change its mind later nor run at a bad time. */
export interface CheckedOptions {
  /** Milliseconds, 0 for none; `undefined` where the channel's holds. */
  readonly timeout: number | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly input: AnyIterable | undefined;
}

/** Throws a `TypeError`; of a timeout a `RangeError`; and what a getter throws. */
export function checkOptions(method: string, options: RequestOptions): CheckedOptions {
  if (typeof options !== "object") {
    throw new TypeError(`${method}: the options must be an object, such as { timeout: 5000 }, not ${nameOf(options)}`);
  }
  const { timeout, signal, onProgress, input, idempotent } = options;
  if (signal !== undefined && !isSignal(signal)) {
    throw new TypeError(`${method}: signal must be an AbortSignal, or left out; not ${nameOf(signal)}`);
  }
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(`${method}: onProgress must be a function, or left out; not ${nameOf(onProgress)}`);
  }
  if (input !== undefined && !isIterable(input)) {
    throw new TypeError(`${method}: input must be iterable, or left out; not ${nameOf(input)}`);
  }
  if (idempotent !== undefined && typeof idempotent !== "boolean") {
    throw new TypeError(`${method}: idempotent must be true or false, or left out; not ${nameOf(idempotent)}`);
  }
  return { timeout: timeout === undefined ? undefined : resolveTimeout(timeout), signal, onProgress, input };
}

/** Throws a `TypeError`: a message without a method would be no message, and nobody would answer it. */
export function assertMethod(method: string, where: string): void {
  if (typeof method === "string") return;
  throw new TypeError(`${where} needs the name of a method, a string; not ${nameOf(method)}`);
}

function isIterable(value: unknown): value is AnyIterable {
  if (typeof value === "string") return true;
  if (typeof value !== "object" || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value;
}
