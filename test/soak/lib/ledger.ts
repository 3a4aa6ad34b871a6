/** One line of a ledger. */
export interface Entry {
  /** `undefined` for a fact, which is not judged. */
  readonly holds?: boolean;
  /** True for what is known not to hold, and not mended: it fails nothing, and is no success. */
  readonly isKnown?: boolean;
  readonly what: string;
  readonly figure: string;
}

/** What a soak found out: facts, and checks that hold or not. Each is printed as it is entered. */
export class Ledger {
  readonly #print: (line: string) => void;
  readonly entries: Entry[] = [];

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get failures(): number {
    return this.entries.filter(({ holds }) => holds === false).length;
  }

  /** A figure that is not judged. */
  fact(what: string, figure: string | number): void {
    this.#enter("", { what, figure: inWords(figure) });
  }

  /** A count of failures that are known and not mended. */
  known(what: string, failures: number): void {
    this.#enter(failures > 0 ? "known" : "", { isKnown: failures > 0, what, figure: inWords(failures) });
  }

  check(what: string, holds: boolean, figure: string | number): void {
    this.#enter(holds ? "ok" : "FAILED", { holds, what, figure: inWords(figure) });
  }

  /** A check of a count that must be zero; tells what rate of failure so many trials leave possible. */
  none(what: string, failures: number, trials: number): void {
    const bound = failures === 0 && trials > 0 ? `; the rate is below ${percent(3 / trials)} (3/N, 95 %)` : "";
    this.check(what, failures === 0 && trials > 0, `${count(failures)} of ${count(trials)}${bound}`);
  }

  #enter(verdict: string, entry: Entry): void {
    this.entries.push(entry);
    this.#print(`${verdict.padEnd(8)}${entry.what.padEnd(46)}${entry.figure}`);
  }
}

function inWords(figure: string | number): string {
  return typeof figure === "number" ? count(figure) : figure;
}

export function count(n: number): string {
  return n.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

export function milliseconds(n: number): string {
  return `${n.toFixed(1)} ms`;
}

function percent(rate: number): string {
  return `${(Math.min(rate, 1) * 100).toPrecision(2)} %`;
}
