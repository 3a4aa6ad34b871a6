import type { PartDecoder } from "../../codec/contract.js";

/** What nearly every sender writes in front of the id of an answer, and between the id and the result. */
const BEFORE_ID = '{"jsonrpc":"2.0","id":';
const BEFORE_RESULT = ',"result":';
const CLOSING = 0x7d;
const MINUS = 0x2d;
const ZERO = 0x30;
/** Fewer digits than the largest safe integer has: what they say is exact. */
const MAX_DIGITS = 15;

/** A response, as the protocol's contract has it. */
interface PlainAnswer {
  readonly kind: "response";
  readonly id: number;
  readonly result: unknown;
}

/**
 * Reads an answer of the common shape without making the envelope a value: only its result is parsed, and an integer is
 * read where it lies. Any other shape is `undefined`, and so is a result that does not parse by itself: whoever reads
 * the whole message judges it, so that the verdict is the same either way.
 */
export function readPlainAnswer(
  codec: PartDecoder,
  bytes: Uint8Array,
  start: number,
  end: number,
): PlainAnswer | undefined {
  const view = viewOf(bytes);
  if (end - start < BEFORE_ID.length + BEFORE_RESULT.length || !isBeforeId(view, start)) return undefined;
  const idStart = start + BEFORE_ID.length;
  const idEnd = endOfDigits(bytes, idStart, end);
  const id = integerAt(bytes, idStart, idEnd);
  if (id === undefined || idEnd + BEFORE_RESULT.length > end || !isBeforeResult(view, idEnd)) return undefined;
  if (bytes[end - 1] !== CLOSING) return undefined;
  const from = idEnd + BEFORE_RESULT.length;
  const to = end - 1;
  const number = wholeNumber(bytes, from, to);
  if (number !== undefined) return { kind: "response", id, result: number };
  try {
    return { kind: "response", id, result: codec.decodeInside(bytes, from, to, 1) };
  } catch {
    return undefined;
  }
}

/** The integer that the bytes are as a whole; `undefined` where they are something else, or -0. */
function wholeNumber(bytes: Uint8Array, from: number, to: number): number | undefined {
  const isNegative = bytes[from] === MINUS;
  const digits = isNegative ? from + 1 : from;
  if (endOfDigits(bytes, digits, to) !== to) return undefined;
  const value = integerAt(bytes, digits, to);
  if (!isNegative || value === undefined) return value;
  return value === 0 ? undefined : -value;
}

function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  const until = Math.min(end, from + MAX_DIGITS);
  let at = from;
  while (at < until && isDigit(bytes[at])) at += 1;
  return at;
}

/** What the digits say; `undefined` where there are none, or more than one that begin with a zero. */
function integerAt(bytes: Uint8Array, from: number, to: number): number | undefined {
  if (to === from || (bytes[from] === ZERO && to > from + 1)) return undefined;
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + ((bytes[at] ?? ZERO) - ZERO);
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= ZERO + 9;
}

// Four bytes at a time, and without a loop: byte by byte it takes three times as long, and it is done for each answer.
const [A, B, C, D, E] = fours(BEFORE_ID);
const [F, G] = fours(BEFORE_RESULT);
/** `":`, at the end of both. */
const QUOTE_COLON = 0x223a;

function isBeforeId(view: DataView, at: number): boolean {
  return (
    view.getInt32(at) === A &&
    view.getInt32(at + 4) === B &&
    view.getInt32(at + 8) === C &&
    view.getInt32(at + 12) === D &&
    view.getInt32(at + 16) === E &&
    view.getInt16(at + 20) === QUOTE_COLON
  );
}

function isBeforeResult(view: DataView, at: number): boolean {
  return view.getInt32(at) === F && view.getInt32(at + 4) === G && view.getInt16(at + 8) === QUOTE_COLON;
}

function fours(text: string): number[] {
  const view = new DataView(Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer);
  return Array.from({ length: text.length >> 2 }, (_, index) => view.getInt32(4 * index));
}

let viewed: Uint8Array | undefined;
let lastView: DataView = new DataView(new ArrayBuffer(0));

/** All frames of a chunk are in the same array. */
function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    lastView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    viewed = bytes;
  }
  return lastView;
}
