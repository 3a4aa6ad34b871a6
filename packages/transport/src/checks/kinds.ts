/** The kinds of values that options have. */

import { classNameOf, nameOf } from "./name-of.js";
import { nearest } from "./nearest.js";
import type { Check, Place } from "./options.js";

/** Throws what is to be thrown for a value that is not what it should be. */
export function refuse(
  kind: typeof TypeError | typeof RangeError,
  value: unknown,
  { where, name }: Place,
  expected: string,
  advice = "",
): never {
  throw new kind(`${where}: ${name} must be ${expected}, not ${nameOf(value)}.${advice === "" ? "" : ` ${advice}`}`);
}

/**
 * @param expected what goes on the sentence "it must be"
 * @param reason why, where that is not plain
 */
function numberIn(expected: string, isIn: (value: number) => boolean, reason = ""): Check<number> {
  return (value, place) => {
    if (typeof value === "number" && isIn(value)) return value;
    const advice = isNumeral(value) ? `Write the number ${value}, without quotes.` : reason;
    return refuse(typeof value === "number" ? RangeError : TypeError, value, place, expected, advice);
  };
}

function isNumeral(value: unknown): value is string {
  return typeof value === "string" && /^\d{1,15}(?:\.\d{1,9})?$/.test(value);
}

/** Infinity means never. */
export const milliseconds: Check<number> = numberIn(
  "a number of milliseconds >= 0 (Infinity for never)",
  (value) => value >= 0,
);

/** Infinity means without a bound, and becomes the largest whole number. */
export function count(least: number, most?: number, reason?: string): Check<number> {
  const range = most === undefined ? `>= ${least}` : `from ${least} to ${most}`;
  const isIn = (value: number): boolean =>
    value >= least && value <= (most ?? Infinity) && (Number.isSafeInteger(value) || value === Infinity);
  const check = numberIn(`a whole number ${range}`, isIn, reason);
  return (value, place) => Math.min(check(value, place), Number.MAX_SAFE_INTEGER);
}

/** A number with a unit, whole or not. */
export function numberFrom(least: number, most: number, unit: string): Check<number> {
  return numberIn(`a number of ${unit} from ${least} to ${most}`, (value) => value >= least && value <= most);
}

export const bool: Check<boolean> = (value, place) =>
  typeof value === "boolean" ? value : refuse(TypeError, value, place, "true or false");

export const string: Check<string> = (value, place) =>
  typeof value === "string" ? value : refuse(TypeError, value, place, "a string");

/** @param hint what the function gets, such as `that gets each line` */
export function func<Value>(hint = ""): Check<Value> {
  const expected = hint === "" ? "a function" : `a function ${hint}`;
  return (value, place) => (typeof value === "function" ? (value as Value) : refuse(TypeError, value, place, expected));
}

/** What else than a word an option takes, and what to say of words that it does not know. */
interface Others<Value> {
  readonly expected: string;
  readonly check: Check<Value>;
  readonly hints?: Readonly<Record<string, string>>;
}

/** One of some words, or something else that is no word. */
export function oneOf<Value>(words: readonly (Value & (string | boolean))[], other?: Others<Value>): Check<Value> {
  const texts = words.map((word) => JSON.stringify(word));
  const expected = orOf(other === undefined ? texts : [...texts, other.expected]);
  return (value, place) => {
    if (words.some((word) => word === value)) return value as Value;
    const isThing = typeof value === "function" || (typeof value === "object" && value !== null);
    if (other !== undefined && isThing) return other.check(value, place);
    if (typeof value !== "string") return refuse(TypeError, value, place, expected);
    return refuse(RangeError, value, place, expected, other?.hints?.[value] ?? didYouMean(value, words));
  };
}

function didYouMean(given: string, words: readonly (string | boolean)[]): string {
  const near = nearest(
    given,
    words.filter((word) => typeof word === "string"),
  );
  return near === undefined ? "" : `Did you mean ${JSON.stringify(near)}?`;
}

function orOf(all: readonly string[]): string {
  return all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
}

/** A copy of the list: what is in it then is what counts. */
export function listOf<Value>(expected: string, check: Check<Value>): Check<readonly Value[]> {
  return (value, place) => {
    if (!Array.isArray(value)) return refuse(TypeError, value, place, expected, asList(value, place));
    return Array.from(value as readonly unknown[], (item, at) =>
      check(item, { where: place.where, name: `${place.name}[${at}]` }),
    );
  };
}

function asList(value: unknown, { name }: Place): string {
  if (typeof value === "function") return `Write ${name}: [${value.name === "" ? "your function" : value.name}].`;
  return typeof value === "string" ? `Write ${name}: [${value.split(/\s+/).map(nameOf).join(", ")}].` : "";
}

/**
 * An object that stands for one layer, by the members that it needs.
 *
 * @param article the kind with its article, such as `a framing`
 * @param example how to write one
 */
export function layer<Value>(
  article: string,
  example: string,
  members: Readonly<Record<string, "function" | "string" | "boolean" | "object">>,
): Check<Value> {
  return (value, place) => {
    const name = classNameOf(value);
    if (name !== undefined) return refuse(TypeError, value, place, article, `Write new ${name}().`);
    if (typeof value !== "object" || value === null) return refuse(TypeError, value, place, `${article}, ${example}`);
    for (const [member, type] of Object.entries(members)) {
      if (typeof (value as Readonly<Record<string, unknown>>)[member] === type) continue;
      throw new TypeError(
        `${place.where}: ${place.name} must be ${article}, ${example}: ${member} of what was given is no ${type}.`,
      );
    }
    return value as Value;
  };
}

/** Whether it can be used as a signal: also one of another realm, or of a library that has its own. */
function isSignal(value: unknown): value is AbortSignal {
  if (typeof value !== "object" || value === null) return false;
  const { aborted, addEventListener, removeEventListener } = value as Partial<AbortSignal>;
  return (
    typeof aborted === "boolean" && typeof addEventListener === "function" && typeof removeEventListener === "function"
  );
}

export const abortSignal: Check<AbortSignal> = (value, place) => {
  if (isSignal(value)) return value;
  const isController = typeof AbortController === "function" && value instanceof AbortController;
  return refuse(TypeError, value, place, "an AbortSignal", isController ? "Write controller.signal." : "");
};
