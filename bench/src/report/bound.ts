import type { Cell } from "../rounds.js";
import type { Scenario } from "../scenarios/contract.js";

/** The rows that ratios refer to: in each scenario, the better of the two. */
const BOUND = ["hand-loop", "hand-loop-polling"];

export function figureOf(cell: Cell | undefined, { headline }: Scenario): number | undefined {
  const figure = cell?.summary.figures[headline];
  return figure === undefined || Number.isNaN(figure) ? undefined : figure;
}

export function findCell(cells: readonly Cell[], scenario: Scenario, rival: string): Cell | undefined {
  return cells.find((cell) => cell.scenario === scenario.id && cell.rival === rival);
}

/** A cell's figure divided by the hand-written loop's; `undefined` where one of them is missing. */
export function ratioToBound(cells: readonly Cell[], scenario: Scenario, cell: Cell | undefined): number | undefined {
  const own = figureOf(cell, scenario);
  const bounds = BOUND.map((rival) => figureOf(findCell(cells, scenario, rival), scenario)).filter(isNumber);
  if (own === undefined || bounds.length === 0) return undefined;
  return own / (scenario.better === "less" ? Math.min(...bounds) : Math.max(...bounds));
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
