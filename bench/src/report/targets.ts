import type { Cell } from "../rounds.js";
import type { Scenario } from "../scenarios/contract.js";
import { findCell, ratioToBound } from "./bound.js";

/** A share of the hand-written loop's figure that our own should reach. */
interface Target {
  readonly scenario: string;
  readonly atLeast: number;
}

const TARGETS: readonly Target[] = [{ scenario: "in-flight-1000", atLeast: 0.5 }];

export interface Verdict extends Target {
  readonly ratio: number;
  readonly met: boolean;
}

/** Judges the targets that were measured. */
export function judge(cells: readonly Cell[], scenarios: readonly Scenario[]): Verdict[] {
  return TARGETS.flatMap((target) => {
    const scenario = scenarios.find(({ id }) => id === target.scenario);
    const ratio = scenario && ratioToBound(cells, scenario, findCell(cells, scenario, "procwire"));
    return ratio === undefined ? [] : [{ ...target, ratio, met: ratio >= target.atLeast }];
  });
}

export function verdictInWords({ scenario, atLeast, ratio, met }: Verdict): string {
  return `target ${met ? "met   " : "MISSED"}  ${scenario}: ours is ${ratio.toFixed(3)} of the hand-written loop, wanted >= ${atLeast}`;
}
