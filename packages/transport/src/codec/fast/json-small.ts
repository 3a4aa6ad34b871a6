/**
 * Small plain values, checked and written in one walk. `JSON.stringify` takes longer to begin than such a value takes to
 * be written, and looking at it first, for what JSON alters, is a walk of its own.
 */

/** A value with more parts than this is left to `JSON.stringify`, which is faster by then. */
const FEW_PARTS = 32;
/** A longer array, too. */
const FEW_ITEMS = 8;
/** A longer string, too: what is written and then given up would be written twice. */
const SHORT_STRING = 64;
/** Names of members are few; a program that invents new ones for ever must not fill the memory. */
const MAX_KNOWN_NAMES = 1024;

const knownNames = new Map<string, string>();
const { hasOwn } = Object;

let partsLeft = 0;

/**
 * The same text as `JSON.stringify`'s; `undefined` for a value that is not small, and for one that JSON might alter. May
 * run getters and traps, and throws what they throw.
 */
export function stringifySmall(value: unknown): string | undefined {
  // A getter that is run may come here, too.
  const outer = partsLeft;
  partsLeft = FEW_PARTS;
  const text = write(value);
  partsLeft = outer;
  return text;
}

// Not by `switch`: V8 makes a string of each type for that.
function write(value: unknown): string | undefined {
  partsLeft -= 1;
  if (partsLeft < 0) return undefined;
  if (typeof value === "string") return writeString(value);
  if (typeof value === "number") return value - value === 0 ? String(value) : undefined;
  if (value === null) return "null";
  if (typeof value === "object") return Array.isArray(value) ? writeArray(value) : writeObject(value);
  if (value === true) return "true";
  return value === false ? "false" : undefined;
}

function writeString(text: string): string | undefined {
  const { length } = text;
  if (length > SHORT_STRING) return undefined;
  for (let at = 0; at < length; at++) if (needsEscape(text.charCodeAt(at))) return JSON.stringify(text);
  return `"${text}"`;
}

/** A control character, a quote, a backslash, or a half of a pair, which may stand alone. */
function needsEscape(unit: number): boolean {
  return unit < 0x20 || unit === 0x22 || unit === 0x5c || (unit >= 0xd800 && unit < 0xe000);
}

function writeArray(items: readonly unknown[]): string | undefined {
  const { length } = items;
  if (length > FEW_ITEMS || (items as { toJSON?: unknown }).toJSON !== undefined) return undefined;
  if (length === 0) return "[]";
  let text = "[";
  for (let at = 0; at < length; at++) {
    const item = items[at];
    const written = item === undefined ? "null" : write(item);
    if (written === undefined) return undefined;
    text += at === 0 ? written : `,${written}`;
  }
  return `${text}]`;
}

function writeObject(object: object): string | undefined {
  if (Object.getPrototypeOf(object) !== Object.prototype) return undefined;
  if ((object as { toJSON?: unknown }).toJSON !== undefined) return undefined;
  let text = "";
  for (const name in object) {
    if (!hasOwn(object, name)) continue;
    const member = (object as Record<string, unknown>)[name];
    if (member === undefined) continue;
    const written = write(member);
    if (written === undefined) return undefined;
    text += (text === "" ? "{" : ",") + nameText(name) + written;
  }
  return text === "" ? "{}" : `${text}}`;
}

function nameText(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const text = `${JSON.stringify(name)}:`;
  if (knownNames.size < MAX_KNOWN_NAMES && name.length <= SHORT_STRING) knownNames.set(name, text);
  return text;
}
