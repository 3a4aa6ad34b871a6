const SLOTS = 256;

/** Texts up to this many bytes are looked up. */
export const SHORT_TEXT_BYTES = 24;

/**
 * The last short ASCII texts that were read. Member and method names come again with every message, and finding one
 * here is cheaper than making the string anew. Holds at most 256 strings.
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
  return ((end - start) * 53 + first * 31 + middle * 7 + last) % SLOTS;
}

function isText(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = start; at < end; at++) {
    if (text.charCodeAt(at - start) !== bytes[at]) return false;
  }
  return true;
}

function asciiText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const units: number[] = [];
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return undefined;
    units.push(byte);
  }
  return String.fromCharCode(...units);
}
