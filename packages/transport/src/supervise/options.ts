import { MAX_TIMER_MS } from "../limits.js";
import { numberFrom, refuse } from "../checks/kinds.js";
import { optionsOf, type Check, type OptionTable } from "../checks/options.js";

/** The milliseconds of a timer. */
export function timerMs(least: number): Check<number> {
  return numberFrom(least, MAX_TIMER_MS, "milliseconds");
}

/** An option that may be true for its defaults, or an object of options itself. */
export function switchable<Options extends object>(
  table: OptionTable<Options>,
  example: string,
): Check<boolean | Options> {
  const read = optionsOf<Options>(table);
  const check = (value: unknown, place: Parameters<typeof read>[1]): boolean | Options => {
    if (typeof value === "boolean") return value;
    if (typeof value === "object" && value !== null) return read(value, place);
    return refuse(TypeError, value, place, `true, false, or an object such as ${example}`);
  };
  return Object.assign(check, { members: Object.keys(table) });
}

/** What an option that may be true for its defaults says; `undefined` where it is left out or false. */
export function chosen<Options extends object>(given: boolean | Options | undefined): Partial<Options> | undefined {
  if (given === undefined || given === false) return undefined;
  return given === true ? {} : given;
}

export interface Delays {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** Of one that is given alone the other follows, where it would not fit. Throws a `RangeError`. */
export function delaysOf(
  where: string,
  given: { readonly minDelayMs?: number | undefined; readonly maxDelayMs?: number | undefined },
  normal: Delays,
): Delays {
  const minDelayMs = given.minDelayMs ?? Math.min(normal.minDelayMs, given.maxDelayMs ?? Infinity);
  const maxDelayMs = given.maxDelayMs ?? Math.max(normal.maxDelayMs, minDelayMs);
  if (minDelayMs <= maxDelayMs) return { minDelayMs, maxDelayMs };
  throw new RangeError(`${where}.minDelayMs (${minDelayMs}) must not be above ${where}.maxDelayMs (${maxDelayMs}).`);
}
