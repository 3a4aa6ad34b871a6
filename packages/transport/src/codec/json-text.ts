/** Looks into JSON texts that a parser has accepted, or will be asked about. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const MINUS = 0x2d;
const ZERO = 0x30;

/** Where a value stands in another: member names and indexes, from the outside in. */
export type Place = readonly (string | number)[];

/** The index of the quote that closes the string opened at `open`, or the text's length. */
export function endOfString(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

/** In place of a member's name while that has not been read. */
const NO_NAME = -1;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/y;

/** Walks from number to number of a valid JSON text. */
export class NumbersOfText {
  readonly #text: string;
  /** For each array around the next character its index, for each object the place of its member's name, as `~index`. */
  readonly #steps: number[] = [];
  #wantsName = false;
  #at = 0;
  #start = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Where the number begins that `next` has found. */
  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#at;
  }

  /** The next number as it is written; `undefined` at the end of the text. */
  next(): string | undefined {
    const text = this.#text;
    while (this.#at < text.length) {
      const unit = text.charCodeAt(this.#at);
      if (unit === MINUS || (unit >= ZERO && unit <= ZERO + 9)) return this.#number();
      if (unit === QUOTE) this.#string();
      else this.#sign(unit);
      this.#at += 1;
    }
    return undefined;
  }

  /** How many arrays and objects there are around it. */
  get depth(): number {
    return this.#steps.length;
  }

  /** Where the number stands that `next` has found. */
  place(): Place {
    return this.#steps.map((step) => (step >= 0 ? step : this.#nameAt(~step)));
  }

  #number(): string {
    NUMBER.lastIndex = this.#start = this.#at;
    const [literal = ""] = NUMBER.exec(this.#text) ?? [];
    this.#at += literal.length;
    return literal;
  }

  #string(): void {
    if (this.#wantsName) this.#steps[this.#steps.length - 1] = ~this.#at;
    this.#wantsName = false;
    this.#at = endOfString(this.#text, this.#at);
  }

  #sign(unit: number): void {
    const last = this.#steps.length - 1;
    if (unit === 0x7b || unit === 0x5b) {
      this.#steps.push(unit === 0x7b ? NO_NAME : 0);
      this.#wantsName = unit === 0x7b;
    } else if (unit === 0x7d || unit === 0x5d) {
      this.#steps.pop();
      this.#wantsName = false;
    } else if (unit === COMMA) {
      const step = this.#steps[last] ?? NO_NAME;
      this.#wantsName = step < 0;
      if (step >= 0) this.#steps[last] = step + 1;
    }
  }

  #nameAt(quote: number): string {
    return JSON.parse(this.#text.slice(quote, endOfString(this.#text, quote) + 1)) as string;
  }
}
