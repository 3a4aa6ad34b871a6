const SLOT_BITS = 9;
const SLOTS = 1 << SLOT_BITS;

/** Texts up to this many bytes are looked up. */
export const SHORT_TEXT_BYTES = 32;

/** One list per length, filled in before it becomes a text: making a list costs more than the text. */
const UNITS: readonly number[][] = Array.from({ length: 2 * SHORT_TEXT_BYTES + 1 }, (_, length) =>
  new Array<number>(length).fill(0),
);

/** A list for the code units of a text of that length. */
export function unitsFor(length: number): number[] {
  return UNITS[length] ?? [];
}

export function textOf(units: number[]): string {
  return String.fromCharCode.apply(null, units);
}

/**
 * The last short ASCII texts that were read. Member and method names come again with every message, and finding one
 * here is cheaper than making the string anew. Holds at most 512 strings.
 */
export class ShortTexts {
  readonly #texts: string[] = new Array<string>(SLOTS).fill("");

  /** The text of `bytes[start..end)`, which is not empty; `undefined` when it is not ASCII. */
  read(bytes: Uint8Array, start: number, end: number): string | undefined {
    const slot = slotOf(bytes, start, end);
    const known = this.#texts[slot] ?? "";
    if (isText(known, bytes, start, end)) return known;
    const text = asciiText(bytes, start, end);
    if (text !== undefined) this.#texts[slot] = text;
    return text;
  }
}

function slotOf(bytes: Uint8Array, start: number, end: number): number {
  const first = bytes[start] ?? 0;
  const middle = bytes[(start + end) >> 1] ?? 0;
  const last = bytes[end - 1] ?? 0;
  const mixed = Math.imul((first << 16) ^ (middle << 8) ^ last ^ ((end - start) << 24), 0x9e3779b1);
  return mixed >>> (32 - SLOT_BITS);
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const units = unitsFor(end - start);
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return undefined;
    units[at - start] = byte;
  }
  return textOf(units);
}
