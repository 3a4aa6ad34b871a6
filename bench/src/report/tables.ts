import type { Cell } from "../rounds.js";
import type { Rival } from "../rivals/contract.js";
import type { Figures, Scenario } from "../scenarios/contract.js";
import { figureOf, findCell, ratioToBound } from "./bound.js";
import { formatNumber, layOut } from "./layout.js";

const PERCENTILES = ["p50", "p90", "p99", "p99.9"];
const PIPED_WIDTH = 160;
const ROW_TITLE_WIDTH = 28;
const COLUMN_WIDTH = 22;

/**
 * One row per rival; for each scenario the figure with its spread over the rounds, and the ratio to the bound.
 * More than one table where the terminal is narrow.
 */
export function mainTables(
  cells: readonly Cell[],
  scenarios: readonly Scenario[],
  rivals: readonly Rival[],
  width: number = PIPED_WIDTH,
): string[] {
  const perTable = Math.max(1, Math.floor((width - ROW_TITLE_WIDTH) / COLUMN_WIDTH));
  const starts = scenarios.map((_, index) => index).filter((index) => index % perTable === 0);
  return starts.map((start) => mainTable(cells, scenarios.slice(start, start + perTable), rivals));
}

function mainTable(cells: readonly Cell[], scenarios: readonly Scenario[], rivals: readonly Rival[]): string {
  const head = ["", ...scenarios.flatMap(({ title, unit }) => [`${title}, ${unit}`, "x"])];
  const rows = rivals.map((rival) => [
    rival.name,
    ...scenarios.flatMap((scenario) => inCells(cells, scenario, findCell(cells, scenario, rival.id))),
  ]);
  return layOut([head, ...rows]);
}

function inCells(cells: readonly Cell[], scenario: Scenario, cell: Cell | undefined): string[] {
  const figure = figureOf(cell, scenario);
  if (cell === undefined || figure === undefined) return [cell?.failure === undefined ? "" : "failed", ""];
  const { low, high } = cell.summary;
  const spread = `±${Math.round((50 * (high - low)) / figure)}%`;
  return [`${formatNumber(figure)} ${spread.padStart(5)}`, ratioToBound(cells, scenario, cell)?.toFixed(2) ?? ""];
}

/** All percentiles of the scenarios that have them. */
export function percentileTables(
  cells: readonly Cell[],
  scenarios: readonly Scenario[],
  rivals: readonly Rival[],
): string[] {
  return scenarios
    .filter(({ headline }) => PERCENTILES.includes(headline))
    .map((scenario) => {
      const head = [`${scenario.title}, all samples`, ...PERCENTILES.map((name) => `${name} ${scenario.unit}`)];
      const rows = rivals.map((rival) => {
        const figures = figuresOf(cells, scenario, rival);
        return [rival.name, ...PERCENTILES.map((name) => formatNumber(figures?.[name]))];
      });
      return layOut([head, ...rows]);
    });
}

/** What a request costs the parent: steadier than its rate on a machine that is busy with other things. */
export function cpuTables(cells: readonly Cell[], scenarios: readonly Scenario[], rivals: readonly Rival[]): string[] {
  const measured = scenarios.filter((scenario) => rivals.some((rival) => cpuOf(cells, scenario, rival) !== undefined));
  if (measured.length === 0) return [];
  const rows = rivals
    .map((rival) => [rival.name, ...measured.map((scenario) => formatNumber(cpuOf(cells, scenario, rival)))])
    .filter((row) => row.slice(1).some((text) => text !== ""));
  return [layOut([["CPU time of the parent", ...measured.map(({ title }) => `${title}, us`)], ...rows])];
}

function cpuOf(cells: readonly Cell[], scenario: Scenario, rival: Rival): number | undefined {
  return figuresOf(cells, scenario, rival)?.["parentCpuUs"];
}

function figuresOf(cells: readonly Cell[], scenario: Scenario, rival: Rival): Figures | undefined {
  return findCell(cells, scenario, rival.id)?.summary.figures;
}
