/** What one run leaves: the JSON file, and all that is made of it. */
import { readFileSync } from "node:fs";
import type { Machine } from "../machine.js";
import type { CpuPair } from "../pinning.js";
import type { Pace } from "../rounds.js";
import type { ScenarioInfo } from "../scenarios/contract.js";
import type { CurvePoint, Figures, Summary } from "../statistics.js";
import type { Verdict } from "./targets.js";

export const VERSION = 2;

/** What one rival did in one scenario. */
export interface Cell {
  readonly scenario: string;
  readonly rival: string;
  readonly pinned: boolean;
  readonly laps: readonly Figures[];
  readonly summary: Summary;
  readonly curve?: readonly CurvePoint[];
  /** Why there are no figures, or fewer. */
  readonly failure?: string;
}

export interface RivalInfo {
  readonly id: string;
  readonly name: string;
  readonly what: string;
}

export interface Results {
  readonly version: typeof VERSION;
  readonly date: string;
  readonly seconds: number;
  /** Where the repository stood, and `+` when something was not committed; nothing outside of a clone. */
  readonly commit?: string;
  readonly machine: Machine;
  readonly cpus: CpuPair | { readonly unpinned: string };
  readonly pace: Pace;
  /** The pattern that chose what was measured; everything was when absent. */
  readonly only?: string;
  readonly scenarios: readonly ScenarioInfo[];
  readonly rivals: readonly RivalInfo[];
  readonly cells: readonly Cell[];
  readonly verdicts: readonly Verdict[];
}

/** Throws when the file is not of a benchmark, or of another version of it. */
export function readResults(file: string): Results {
  const results = JSON.parse(readFileSync(file, "utf8")) as Partial<Results> | null;
  if (results?.version !== VERSION) throw new Error(`${file} is not a result of this version of the benchmark`);
  return results as Results;
}

export function findCell({ cells }: Pick<Results, "cells">, scenario: string, rival: string): Cell | undefined {
  return cells.find((cell) => cell.scenario === scenario && cell.rival === rival);
}

/** One figure of a cell; `undefined` where it was not measured. */
export function figureOf(cell: Cell | undefined, name: string): number | undefined {
  const figure: number | null | undefined = cell?.summary.figures[name];
  return typeof figure !== "number" || !Number.isFinite(figure) ? undefined : figure;
}

/** How far the laps are from their middle, as a share of the figure: half of the whole range. */
export function spreadOf(cell: Cell, headline: string): number | undefined {
  const figure = figureOf(cell, headline);
  return figure === undefined || cell.laps.length < 2
    ? undefined
    : (cell.summary.high - cell.summary.low) / 2 / Math.abs(figure);
}

/** The rivals that have figures, or a failure, in one of these scenarios. */
export function rivalsIn({ rivals, cells }: Results, scenarios: readonly ScenarioInfo[]): RivalInfo[] {
  return rivals.filter(({ id }) =>
    cells.some(({ rival, scenario }) => rival === id && scenarios.some((one) => one.id === scenario)),
  );
}
