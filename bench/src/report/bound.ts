import type { ScenarioInfo } from "../scenarios/contract.js";
import { figureOf, findCell, type Results } from "./results.js";

/** The rows that ratios refer to: in each scenario, the better of the two. */
export const BOUND = ["hand-loop", "hand-loop-polling"];

/** The best figure of some rivals in a scenario. */
export function bestOf(
  results: Pick<Results, "cells">,
  { id, better, headline }: ScenarioInfo,
  rivals: readonly string[],
  name: string = headline,
): number | undefined {
  const figures = rivals.map((rival) => figureOf(findCell(results, id, rival), name)).filter(isNumber);
  if (figures.length === 0) return undefined;
  return better === "less" || name !== headline ? Math.min(...figures) : Math.max(...figures);
}

/** A rival's figure divided by the hand-written loop's; `undefined` where one of them is missing. */
export function ratioToBound(
  results: Pick<Results, "cells">,
  scenario: ScenarioInfo,
  rival: string,
): number | undefined {
  const own = figureOf(findCell(results, scenario.id, rival), scenario.headline);
  const bound = bestOf(results, scenario, BOUND);
  return own === undefined || bound === undefined || bound <= 0 ? undefined : own / bound;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
