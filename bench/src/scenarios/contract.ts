import type { CallName, Session } from "../rivals/contract.js";

/** Figures by name. The headline, and the percentiles where there are some, have the scenario's unit. */
export type Figures = Readonly<Record<string, number>>;

export interface Lap {
  readonly milliseconds: number;
  /** False for a warm-up. */
  readonly counts: boolean;
  /** The lap ends after this many calls, if its time is not up before. */
  readonly maxCalls: number;
}

/** One situation that every rival is put into. State that it keeps belongs to one rival: each runs in its own process. */
export interface Scenario {
  /** For `--only` and the JSON file. */
  readonly id: string;
  /** The column's title. */
  readonly title: string;
  readonly unit: "us" | "ms" | "/s";
  readonly better: "less" | "more";
  /** The figure that stands for the scenario in the table. */
  readonly headline: string;
  readonly call: CallName;
  /** Whether calls overlap. */
  readonly overlaps: boolean;
  /** With parent and worker on a CPU each, where that can be had. */
  readonly pinned: boolean;
  /** Throws when an answer is wrong: a rival that is fast and wrong has no place in the table. */
  lap(session: Session, lap: Lap): Promise<Figures>;
  /** Figures over all laps that counted, where they can be told better than by the median of the laps. */
  overall?(): Figures;
}

export function assertAnswer(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`a wrong answer: ${String(actual).slice(0, 100)}`);
}
