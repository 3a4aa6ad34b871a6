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
  /** True where it sees to warnings and unhandled rejections itself. */
  readonly judgesTrouble?: boolean;
  /** @param only what part of it to run, where it has parts */
  run(count: number, ledger: Ledger, random: Random, only: string | undefined): Promise<void>;
}
