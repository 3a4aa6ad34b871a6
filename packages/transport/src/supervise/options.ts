import { nameOf } from "../channel/contract/name-of.js";

/** Timers beyond this many milliseconds would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** An option that may be true for its defaults, or an object; `undefined` where it is left out or false. */
export function optionsOf<Options extends object>(
  name: string,
  given: boolean | Options | undefined,
  example: string,
): Partial<Options> | undefined {
  if (given === undefined || given === false) return undefined;
  if ((given as unknown) === true) return {};
  if (typeof given === "object" && (given as Options | null) !== null) return given;
  throw new TypeError(`${name} must be true, false, or an object such as ${example}; not ${nameOf(given)}`);
}

/** Throws a `RangeError` for what is no number from `least` on. */
export function checkNumber(name: string, value: number | undefined, normal: number, least: number): number {
  if (value === undefined) return normal;
  if (typeof value === "number" && value >= least) return value;
  throw new RangeError(`${name} must be a number >= ${least}, not ${nameOf(value)}`);
}

/** The same for a number of times; `Infinity` is one. */
export function checkCount(name: string, value: number | undefined, normal: number, least: number): number {
  const count = checkNumber(name, value, normal, least);
  if (Number.isInteger(count) || count === Infinity) return count;
  throw new RangeError(`${name} must be a whole number, or Infinity; not ${count}`);
}

/** The same for the milliseconds of a timer. */
export function checkTime(name: string, value: number | undefined, normal: number, least: number): number {
  const time = checkNumber(name, value, normal, least);
  if (time <= MAX_TIMER_MS) return time;
  throw new RangeError(`${name} must be at most ${MAX_TIMER_MS} (24 days), not ${time}`);
}

export interface Delays {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Of one that is given alone the other follows, where it would not fit. Throws a `RangeError`. */
export function checkDelays(where: string, given: Partial<Delays>, normal: Delays): Delays {
  const { minDelayMs: least, maxDelayMs: most } = given;
  const minDelayMs = checkTime(`${where}.minDelayMs`, least, Math.min(normal.minDelayMs, most ?? Infinity), 0);
  const maxDelayMs = checkTime(`${where}.maxDelayMs`, most, Math.max(normal.maxDelayMs, minDelayMs), 0);
  if (minDelayMs <= maxDelayMs) return { minDelayMs, maxDelayMs };
  throw new RangeError(`${where}.minDelayMs (${minDelayMs}) must not be above ${where}.maxDelayMs (${maxDelayMs})`);
}
