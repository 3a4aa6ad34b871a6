import type { Capability, Session } from "../rivals/contract.js";
import type { CurvePoint, Figures } from "../statistics.js";

export type { Figures } from "../statistics.js";

export type Unit = "us" | "ms" | "/s" | "MiB/s" | "MiB" | "times its size";

export const SECTIONS = [
  "Latency",
  "Throughput",
  "Documents",
  "Payloads",
  "Arrays of numbers",
  "Streams",
  "Start-up",
  "Memory",
  "Pools",
  "Compute",
] as const;

export interface Lap {
  readonly milliseconds: number;
  /** False for a warm-up. */
  readonly counts: boolean;
  /** True where the whole run is to be short: fewer calls where a lap is made of calls, not of time. */
  readonly quick: boolean;
  /** The lap ends after this many calls, if its time is not up before. */
  readonly maxCalls: number;
  /** The worker's process id, where there is one and the system tells. */
  readonly workerPid: number | undefined;
  /** One more session, which the lap must close. */
  readonly start: () => Promise<Session>;
}

/** What the reports know of a scenario: it stands in the JSON file, too. */
export interface ScenarioInfo {
  /** For `--only` and the JSON file. */
  readonly id: string;
  readonly section: (typeof SECTIONS)[number];
  /** The column's title. */
  readonly title: string;
  readonly unit: Unit;
  readonly better: "less" | "more";
  /** The figure that stands for the scenario in the table. */
  readonly headline: string;
  /** Further figures worth a table: name and title. */
  readonly details?: readonly (readonly [name: string, title: string])[];
  /** Bytes of its payload, for the payload curves. */
  readonly payload?: number;
}

/** One situation that every rival is put into. State that it keeps belongs to one rival: each runs in its own process. */
export interface Scenario extends ScenarioInfo {
  readonly needs: Capability;
  /** Whether calls overlap. */
  readonly overlaps: boolean;
  /** With parent and worker on a CPU each, where that can be had. */
  readonly pinned: boolean;
  /** Who takes part in quick runs: all, none, all but the variants of another rival, or these. */
  readonly quick: boolean | "no variants" | readonly string[];
  /** The only rivals that take part; all that can when absent. */
  readonly rivals?: readonly string[];
  /** Laps that count, when it needs fewer than the others. */
  readonly maxRounds?: number;
  /** Each lap in new processes, without a warm-up: for what an earlier lap would leave traces in. */
  readonly fresh?: boolean;
  /** Where a warm-up would take long, and the first call is as good as any. */
  readonly noWarmUp?: boolean;
  /** The laps start their sessions themselves. */
  readonly ownSessions?: boolean;
  /** Throws when an answer is wrong: a rival that is fast and wrong has no place in the table. */
  lap(session: Session, lap: Lap): Promise<Figures>;
  /** Figures over all laps that counted, where they can be told better than by the median of the laps. */
  overall?(): Figures;
  curve?(): CurvePoint[];
}

/** The scenario's figures must count calls under this name, where CPU time per call is to be told. */
export const CALLS = "calls";

export function assertAnswer(actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`a wrong answer: ${String(actual).slice(0, 100)}`);
}

export function infoOf(scenario: Scenario): ScenarioInfo {
  const { id, section, title, unit, better, headline, details, payload } = scenario;
  return {
    ...{ id, section, title, unit, better, headline },
    ...(details === undefined ? {} : { details }),
    ...(payload === undefined ? {} : { payload }),
  };
}
