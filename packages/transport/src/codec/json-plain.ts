/**
 * Whether `JSON.stringify` says of a value all that it is. Nearly every value does: plain objects and arrays of texts,
 * finite numbers and booleans. One walk tells, at a tenth of the cost of writing it.
 */

/** Deeper values are left to those who look more closely: a circle has no end. */
const LEVELS = 128;

const toJsonOfDates: unknown = Reflect.get(Date.prototype, "toJSON");

/** What instances of these hold is not in their members. */
const OPAQUE_CLASSES: readonly { readonly prototype: object }[] = [
  ...[Error, RegExp, Date, Map, Set, WeakMap, WeakSet, WeakRef, Promise, Function],
  ...[ArrayBuffer, SharedArrayBuffer, DataView, Number, String, Boolean, Symbol, BigInt, Array],
  Object.getPrototypeOf(Uint8Array) as typeof Uint8Array,
];
const opaquePrototypes = new Set(OPAQUE_CLASSES.map(({ prototype }) => prototype));

/** Prototypes of classes of this realm whose instances hold nothing but their members. */
const openPrototypes = new WeakSet();

/** From here on, in UTF-16 units, a string counts as long. */
export const LONG: number = 16 * 1024;

/** Whether the walk that is under way has met a long string: it looks at each string anyway. Only speed depends on it. */
let hasLong = false;

function hasMetLong(): boolean {
  return hasLong;
}

/**
 * `"other"` also where it can't be told. `"long"` is plain data with a long string in it. May run getters and traps, and
 * throws what they throw.
 */
export function kindOfData(value: unknown): "plain" | "long" | "other" {
  hasLong = false;
  if (!isPlain(value, LEVELS)) return "other";
  return hasMetLong() ? "long" : "plain";
}

// Not by `switch`: V8 makes a string of each type for that.
function isPlain(value: unknown, levels: number): boolean {
  if (typeof value === "string") {
    if (value.length >= LONG) hasLong = true;
    return true;
  }
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value === "object") return value === null || (levels > 0 && isPlainObject(value, levels - 1));
  return typeof value === "boolean" || value === undefined;
}

function isPlainObject(value: object, levels: number): boolean {
  if (Array.isArray(value)) return isPlainArray(value, levels);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Date.prototype) return isPlainDate(value as Date);
  if ((value as { toJSON?: unknown }).toJSON !== undefined) return false;
  if (prototype !== Object.prototype && prototype !== null && !isOpenHere(prototype)) return false;
  let isEmpty = true;
  for (const name in value) {
    if (!isPlain((value as Record<string, unknown>)[name], levels)) return false;
    isEmpty = false;
  }
  return !isEmpty || prototype === Object.prototype || prototype === null;
}

function isPlainArray(items: readonly unknown[], levels: number): boolean {
  if ((items as { toJSON?: unknown }).toJSON !== undefined) return false;
  const { length } = items;
  for (let at = 0; at < length; at++) if (!isPlain(items[at], levels)) return false;
  return true;
}

function isPlainDate(date: Date): boolean {
  return date.toJSON === toJsonOfDates && !Number.isNaN(Date.prototype.getTime.call(date));
}

function isOpenHere(prototype: object): boolean {
  if (openPrototypes.has(prototype)) return true;
  if (!isOpen(prototype) || !Object.prototype.isPrototypeOf.call(Object.prototype, prototype)) return false;
  openPrototypes.add(prototype);
  return true;
}

/** Whether what an instance holds is in its members, as far as can be told of a class of this realm. */
export function isOpen(prototype: object): boolean {
  for (let at: object | null = prototype; at !== null; at = Object.getPrototypeOf(at) as object | null) {
    if (opaquePrototypes.has(at)) return false;
  }
  return true;
}
