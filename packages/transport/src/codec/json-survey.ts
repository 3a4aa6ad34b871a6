/**
 * One walk over a parsed value tells whether it is nested too deep, and whether its text has to be searched for numbers
 * that were altered. Going over the text would take several times as long. That the depth is known only after the
 * parser is done costs nothing that a peer could not have with a wide message as well.
 */

const NOTHING = 0;
const HAS_ZERO = 1;
const HAS_LARGE = 2;
const TOO_DEEP = 4;

/** So many zeros stand in front of what becomes 0, or an exponent of three digits behind it. */
const ZEROS = "0".repeat(200);

/** Throws a `RangeError` when arrays and objects are nested deeper than `levels`; tells whether numbers may be altered. */
export function mayBeAltered(value: unknown, text: string, levels: number): boolean {
  const found = lookAt(value, levels);
  if (found === NOTHING) return false;
  if ((found & TOO_DEEP) !== 0) throw new RangeError(`nested deeper than ${levels} levels`);
  return (found & HAS_LARGE) !== 0 || mayHaveVanished(text);
}

function lookAt(value: unknown, levels: number): number {
  if (typeof value === "object") return value === null ? NOTHING : lookInto(value, levels);
  return typeof value === "number" ? lookAtNumber(value) : NOTHING;
}

function lookInto(value: object, levels: number): number {
  if (levels <= 0) return TOO_DEEP;
  let found = NOTHING;
  if (Array.isArray(value)) {
    for (const item of value as readonly unknown[]) found |= lookAt(item, levels - 1);
  } else {
    for (const name in value) found |= lookAt((value as Record<string, unknown>)[name], levels - 1);
  }
  return found;
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
