/**
 * Options of public functions are checked before anything is done with them: unknown names, types, ranges. What an object
 * of options may have is a table, a check for each name.
 */

import { nameOf } from "./name-of.js";
import { nearest } from "./nearest.js";

/** Where a value stands: the function that it is given to, and the name of the option. For messages only. */
export interface Place {
  readonly where: string;
  readonly name: string;
}

/**
 * Returns the value as it is to be used. Throws a `TypeError` for a value of another type, a `RangeError` for one that is
 * out of range, and what the value's own code throws.
 */
export interface Check<Value> {
  (value: unknown, place: Place): Value;
  /** Where the value is an object of options itself: what it may have. */
  readonly members?: readonly string[];
}

/** The options with each of them filled in. */
export type Filled<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** What an object of options may have, by name. */
export type OptionTable<Options> = { readonly [Name in keyof Options]-?: Check<Exclude<Options[Name], undefined>> };

/**
 * The options as a plain object of their own, each read once: a getter can neither change its mind later nor run at a bad
 * time. What is absent or `undefined` is absent.
 *
 * @param where the function that they are given to
 */
export function readOptions<Options extends object>(
  where: string,
  given: unknown,
  table: OptionTable<Options>,
): Options {
  if (given === undefined) return {} as Options;
  assertObject(given, where, "the options");
  return readMembers(given, table, { where, name: "" });
}

/** A check for an option that is an object of options itself. */
export function optionsOf<Options extends object>(table: OptionTable<Options>): Check<Options> {
  const check = (value: unknown, place: Place): Options => {
    assertObject(value, place.where, place.name);
    return readMembers(value, table, place);
  };
  return Object.assign(check, { members: Object.keys(table) });
}

function readMembers<Options extends object>(given: object, table: OptionTable<Options>, place: Place): Options {
  assertKnown(given, table, place);
  const read: Partial<Options> = {};
  for (const name of Object.keys(table) as (keyof Options & string)[]) {
    const value = (given as Partial<Options>)[name];
    if (value !== undefined) read[name] = table[name](value, { where: place.where, name: inside(place.name, name) });
  }
  return read as Options;
}

function assertObject(given: unknown, where: string, what: string): asserts given is object {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) return;
  throw new TypeError(`${where}: ${what} must be an object, not ${nameOf(given)}.`);
}

/** Inherited ones count as well, as they do when they are read. */
export function assertKnown<Options>(given: object, table: OptionTable<Options>, place: Place): void {
  for (const name in given) if (!Object.hasOwn(table, name)) throw unknownOption(name, table, place);
}

function unknownOption<Options>(given: string, table: OptionTable<Options>, { where, name }: Place): TypeError {
  const names = Object.keys(table);
  const near = nearest(given, names) ?? insideOf(given, table);
  const advice =
    near === undefined
      ? `The options are ${names.map((known) => inside(name, known)).join(", ")}.`
      : `Did you mean ${inside(name, near)}?`;
  return new TypeError(`${where}: there is no option ${nameOf(inside(name, given))}. ${advice}`);
}

/** `maxDepth` is `limits.maxDepth`. */
function insideOf(given: string, table: Readonly<Record<string, Check<unknown>>>): string | undefined {
  for (const [name, { members = [] }] of Object.entries(table)) {
    const near = nearest(given, members);
    if (near !== undefined) return `${name}.${near}`;
  }
  return undefined;
}

function inside(outer: string, name: string): string {
  return outer === "" ? name : `${outer}.${name}`;
}
