/** Looks into JSON texts without parsing them. Only for texts that a parser has accepted, or will be asked about. */

import { endOfString } from "../codec/json-text.js";

const QUOTE = 0x22;
const COMMA = 0x2c;

/** The text of a member of the object that the text is; of the last one, as parsers do. `undefined` if it has none. */
export function rawMember(text: string, name: string): string | undefined {
  let found: string | undefined;
  let at = skipSpace(text, text.indexOf("{") + 1);
  while (text.charCodeAt(at) === QUOTE) {
    const keyEnd = endOfString(text, at) + 1;
    const valueStart = skipSpace(text, text.indexOf(":", keyEnd) + 1);
    const valueEnd = endOfValue(text, valueStart);
    if (JSON.parse(text.slice(at, keyEnd)) === name) found = text.slice(valueStart, valueEnd);
    at = skipSpace(text, valueEnd);
    if (text.charCodeAt(at) !== COMMA) break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

/** The texts of the elements of the array that the text is. */
export function rawElements(text: string): string[] {
  const elements: string[] = [];
  let at = skipSpace(text, text.indexOf("[") + 1);
  while (at < text.length && text[at] !== "]") {
    const end = endOfValue(text, at);
    elements.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1);
  }
  return elements;
}

/** The index behind the value that begins at `start`; the text's length when it does not end. */
export function endOfValue(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === 0x5b || unit === 0x7b) depth += 1;
    else if (unit === 0x5d || unit === 0x7d) depth -= 1;
    else if (depth > 0 || !isEnd(unit)) continue;
    // Behind a string or a closing bracket the value is whole; in front of a comma, a bracket or a space it was.
    if (depth <= 0) return depth < 0 || isEnd(unit) ? at : at + 1;
  }
  return text.length;
}

function isEnd(unit: number): boolean {
  return unit === COMMA || unit <= 0x20;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at += 1;
  return at;
}
