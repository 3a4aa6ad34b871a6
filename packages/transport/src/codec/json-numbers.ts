/**
 * Numbers that JavaScript's can't hold: `JSON.parse` takes the nearest one without a word. What a peer writes is not
 * altered in silence: it is refused, or read as something that holds it.
 */

import { stepTo } from "./json-faithful.js";
import { NumbersOfText, type Place } from "./json-text.js";

/** What becomes of integers beyond 2^53 - 1, and of other numbers that would arrive altered. */
export type BigIntegers = "reject" | "bigint" | "string" | "number";

/** Whether the number that was found stands where somebody else reads it from the text, given the whole value. */
export type IsLeft = (found: Pick<NumbersOfText, "depth" | "place">, whole: unknown) => boolean;

/** `BigInt` takes time that grows with the square of the digits. */
const MAX_DIGITS = 4_096;
/** The largest number has so many digits. */
const DIGITS_OF_LARGEST = 309;
const DIGITS_THAT_FIT = 15;
const MAX_PRECISION = 100;

/** A text holds a number that would be altered. */
export class AlteredNumberError extends RangeError {
  override readonly name: string = "AlteredNumberError";
  readonly place: Place;
  /** The whole value, with numbers as `JSON.parse` has them. */
  readonly whole: unknown;

  constructor(literal: string, place: Place, whole: unknown) {
    super(`the number ${shortened(literal)}${inWords(place)} would arrive as ${Number(literal)}`);
    this.place = place;
    this.whole = whole;
  }
}

/** The value of a text that may hold such numbers. Throws an `AlteredNumberError`. */
export function withoutAlteredNumbers(
  text: string,
  whole: unknown,
  how: BigIntegers,
  isLeft: IsLeft | undefined,
): unknown {
  const numbers = new NumbersOfText(text);
  const mark = how === "bigint" ? createMark(text) : "";
  const pieces: string[] = [];
  let copied = 0;
  for (let literal = numbers.next(); literal !== undefined; literal = numbers.next()) {
    const isBig = how !== "reject" && isBigInteger(literal);
    if ((!isBig && !isAltered(literal)) || isLeft?.(numbers, whole) === true) continue;
    const isReadable = how === "string" || (isBig && literal.length <= MAX_DIGITS);
    if (!isReadable) throw new AlteredNumberError(literal, numbers.place(), whole);
    pieces.push(text.slice(copied, numbers.start), `"${mark}${literal}"`);
    copied = numbers.end;
  }
  if (pieces.length === 0) return whole;
  const marked = pieces.join("") + text.slice(copied);
  return how === "bigint" ? parseMarked(marked, mark) : JSON.parse(marked);
}

/** Stands in front of the digits of a bigint; no text of the peer's begins so. */
function createMark(text: string): string {
  let mark: string;
  do mark = `bigint ${Math.random()} `;
  while (text.includes(mark));
  return mark;
}

function parseMarked(text: string, mark: string): unknown {
  return JSON.parse(text, (_name, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value,
  );
}

/** An integer, written as one, whose neighbours a number can't tell from it. */
function isBigInteger(literal: string): boolean {
  return literal.length > DIGITS_THAT_FIT && /^-?\d+$/.test(literal) && !Number.isSafeInteger(Number(literal));
}

/**
 * A number below 2^53 means the nearest one that there is, as all fractions do, unless that is 0. From there on it has
 * to say the same digits, to as many places: so do all that were written by somebody who has the same kind of numbers.
 */
export function isAltered(literal: string): boolean {
  const value = Number(literal);
  if (value === 0) return significantDigits(literal) !== "";
  if (Math.abs(value) < 2 ** 53) return false;
  if (!Number.isFinite(value)) return true;
  const digits = significantDigits(literal);
  if (digits.length <= DIGITS_THAT_FIT) return false;
  if (digits.length > DIGITS_OF_LARGEST) return true;
  const said = digits.length <= MAX_PRECISION ? value.toPrecision(digits.length) : String(BigInt(value));
  return significantDigits(said) !== digits;
}

/** The digits without zeros at either end, the point and the exponent. Not by patterns: a peer may write a million zeros. */
function significantDigits(literal: string): string {
  const exponent = literal.search(/[eE]/);
  const digits = literal.slice(0, exponent === -1 ? literal.length : exponent).replace(/[-.]/g, "");
  let start = 0;
  let end = digits.length;
  while (start < end && digits[start] === "0") start += 1;
  while (end > start && digits[end - 1] === "0") end -= 1;
  return digits.slice(start, end);
}

function shortened(literal: string): string {
  return literal.length <= 40 ? literal : `${literal.slice(0, 20)}... (${literal.length} characters)`;
}

function inWords(place: Place): string {
  const steps = place.map((step) => stepTo(String(step), typeof step === "number")).join("");
  return steps === "" ? "" : ` at ${steps.replace(/^\./, "")}`;
}
