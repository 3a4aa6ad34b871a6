const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Throws when arrays and objects in a JSON text are nested deeper than `max`. V8 itself parses millions of levels, and
 * then whoever walks the value overflows the stack.
 */
export function assertJsonDepth(text: string, max: number): void {
  // A text with at most `max` opening brackets can't be too deep, whatever else it is; most messages end here.
  if (text.length <= 2 * max || countOpenings(text, max) <= max) return;
  if (measureDepth(text, max) > max) throw new RangeError(`nested deeper than ${max} levels`);
}

/** The number of opening brackets, strings included; counting stops above `enough`. */
function countOpenings(text: string, enough: number): number {
  return countOf("[", text, enough) + countOf("{", text, enough);
}

function countOf(bracket: string, text: string, enough: number): number {
  let count = 0;
  for (let at = text.indexOf(bracket); at !== -1 && count <= enough; at = text.indexOf(bracket, at + 1)) count += 1;
  return count;
}

/** The deepest nesting; stops at the first level beyond `enough`. */
function measureDepth(text: string, enough: number): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length && deepest <= enough; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      at = endOfString(text, at);
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (unit === 0x5d || unit === 0x7d) {
      depth -= 1;
    }
  }
  return deepest;
}

/** The index of the quote that closes the string opened at `open`, or the text's length. */
export function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
