import { nameOf, type Trial } from "./contract.js";

/** Something that is known to break a promise, and is not mended. Whoever mends it strikes it off. */
export interface Known {
  /** What the names of the trials match: `point:behaviour:side:codec`. */
  readonly trials: RegExp;
  readonly because: string;
}

export const known: readonly Known[] = [];

export function isKnown(trial: Trial): boolean {
  return known.some(({ trials }) => trials.test(nameOf(trial)));
}
