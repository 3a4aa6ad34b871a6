/**
 * One walk over a parsed value tells whether it is nested too deep, and whether its text has to be searched for numbers
 * that were altered. Going over the text would take several times as long. That the depth is known only after the
 * parser is done costs nothing that a peer could not have with a wide message as well.
 */

import { endOfString } from "./json-text.js";

const NOTHING = 0;
const HAS_ZERO = 1;
const HAS_LARGE = 2;

/** So many zeros stand in front of what becomes 0, or an exponent of three digits behind it. */
const ZEROS = "0".repeat(200);

/** What a walk has found. */
interface Tally {
  found: number;
  /** Arrays and objects. */
  containers: number;
}

/** Throws a `RangeError` when arrays and objects are nested deeper than `levels`; tells whether numbers may be altered. */
export function mayBeAltered(value: unknown, text: string, levels: number): boolean {
  if (typeof value === "number") return mayBe(lookAtNumber(value), text);
  if (typeof value !== "object" || value === null) return false;
  const tally = { found: NOTHING, containers: 0 };
  const isTooDeep = !lookInto(value, levels, tally);
  if (isTooDeep || (text.length > 2 * levels && hidesDepth(text, levels, tally.containers)))
    throw new RangeError(`nested deeper than ${levels} levels`);
  return mayBe(tally.found, text);
}

function mayBe(found: number, text: string): boolean {
  return found !== NOTHING && ((found & HAS_LARGE) !== 0 || mayHaveVanished(text));
}

/** False when it is too deep. */
function lookInto(value: object, levels: number, tally: Tally): boolean {
  if (levels <= 0) return false;
  tally.containers += 1;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) {
      if (typeof item === "number") tally.found |= lookAtNumber(item);
      else if (typeof item === "object" && item !== null && !lookInto(item, levels - 1, tally)) return false;
    }
    return true;
  }
  for (const name in value) {
    const member = (value as Record<string, unknown>)[name];
    if (typeof member === "number") tally.found |= lookAtNumber(member);
    else if (typeof member === "object" && member !== null && !lookInto(member, levels - 1, tally)) return false;
  }
  return true;
}

/** Of a member given twice the first is in the text and not in the value: it may be what is nested too deep. */
function hidesDepth(text: string, levels: number, containers: number): boolean {
  const enough = Math.max(levels, containers);
  return countOf("[", text, enough) + countOf("{", text, enough) > enough && depthOf(text, levels) > levels;
}

/** Counting stops above `enough`. */
function countOf(bracket: string, text: string, enough: number): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at !== -1 && count <= enough; at = text.indexOf(bracket, at + 1)) count += 1;
  return count;
}

/** The deepest nesting of a text; stops at the first level beyond `enough`. */
function depthOf(text: string, enough: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length && deepest <= enough; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 0x22) at = endOfString(text, at);
    else if (unit === 0x5b || unit === 0x7b) deepest = Math.max(deepest, ++depth);
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
  }
  return deepest;
}

function lookAtNumber(value: number): number {
  if (value === 0) return HAS_ZERO;
  return value < 2 ** 53 && value > -(2 ** 53) ? NOTHING : HAS_LARGE;
}

/** Whether a number may have become 0. */
function mayHaveVanished(text: string): boolean {
  for (let at = text.indexOf("-"); at !== -1; at = text.indexOf("-", at + 1)) {
    const before = text.charCodeAt(at - 1);
    if ((before === 0x65 || before === 0x45) && hasThreeDigits(text, at + 1)) return true;
  }
  return text.length > ZEROS.length && text.includes(ZEROS);
}

function hasThreeDigits(text: string, from: number): boolean {
  for (let at = from; at < from + 3; at++)
    if (!(text.charCodeAt(at) >= 0x30 && text.charCodeAt(at) <= 0x39)) return false;
  return true;
}
