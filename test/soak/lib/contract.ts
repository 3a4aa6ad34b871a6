import type { Random } from "./random.js";
import type { Ledger } from "./ledger.js";

/** One long test that counts what it sees: a command of its own, and in short a part of the suite. */
export interface Soak {
  readonly name: string;
  /** What is done, with `N` for the count. */
  readonly about: string;
  /** How often in the long run. */
  readonly count: number;
  /** How often in the suite. */
  readonly short: number;
  run(count: number, ledger: Ledger, random: Random): Promise<void>;
}
