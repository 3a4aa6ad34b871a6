/** What changed between two runs, and what is noise. */
import { median } from "../statistics.js";
import type { ScenarioInfo } from "../scenarios/contract.js";
import { ratioToBound } from "./bound.js";
import { formatNumber, layOut } from "./layout.js";
import { figureOf, findCell, spreadOf, type Cell, type Results } from "./results.js";
import { percent, runInWords } from "./words.js";

/**
 * Below this a change is noise, whatever the spreads say: the laps of a run share their processes, and another run,
 * with other ones, differs by more than its laps do.
 */
const LEAST = 0.05;
const LEAST_OF_QUICK_RUNS = 0.15;

interface Change {
  readonly scenario: ScenarioInfo;
  readonly rival: string;
  readonly before: Cell;
  readonly after: Cell;
  /** Above 0 is better, whatever the unit: 0.1 is a tenth better. */
  readonly gain: number;
  /** The same of the ratio to the hand-written loop, which a slower machine does not alter. */
  readonly gainOnBound: number | undefined;
  readonly isNoise: boolean;
}

export function compareInWords(before: Results, after: Results): string {
  const changes = findChanges(before, after);
  const changed = changes.filter(({ isNoise }) => !isNoise).sort((a, b) => a.gain - b.gain);
  const noise = changes.filter(({ isNoise }) => isNoise);
  return [
    `A: ${runInWords(before)}\nB: ${runInWords(after)}`,
    ...warnings(before, after),
    machineDrift(changes),
    changed.length === 0 ? "Nothing changed beyond the spreads." : `Changed:\n${tableOf(before, changed)}`,
    noise.length === 0
      ? ""
      : `Noise, for the rounds of A and B overlap, or the gain is small:\n${tableOf(before, noise)}`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function findChanges(before: Results, after: Results): Change[] {
  const least = before.pace.quick || after.pace.quick ? LEAST_OF_QUICK_RUNS : LEAST;
  return after.cells.flatMap((cell) => {
    const scenario = after.scenarios.find(({ id }) => id === cell.scenario);
    const earlier = findCell(before, cell.scenario, cell.rival);
    if (scenario === undefined || earlier === undefined) return [];
    const { headline, better } = scenario;
    const gain = gainOf(figureOf(earlier, headline), figureOf(cell, headline), better);
    if (gain === undefined) return [];
    const ratios = [before, after].map((results) => ratioToBound(results, scenario, cell.rival)) as [number?, number?];
    const gainOnBound = gainOf(ratios[0], ratios[1], better);
    const isNoise = Math.abs(gain) < least || overlap(earlier, cell);
    return [{ scenario, rival: cell.rival, before: earlier, after: cell, gain, gainOnBound, isNoise }];
  });
}

function gainOf(before: number | undefined, after: number | undefined, better: "less" | "more"): number | undefined {
  if (before === undefined || after === undefined || before <= 0 || after <= 0) return undefined;
  return (better === "more" ? after / before : before / after) - 1;
}

/** A single lap has no range: then nothing can be told. */
function overlap(a: Cell, b: Cell): boolean {
  if (a.laps.length < 2 || b.laps.length < 2) return true;
  return a.summary.low <= b.summary.high && b.summary.low <= a.summary.high;
}

function tableOf({ rivals }: Results, changes: readonly Change[]): string {
  const head = ["", "", "A", "B", "gain", "gain on the loop"];
  const rows = changes.map(({ scenario, rival, before, after, gain, gainOnBound }) => [
    `${scenario.title}, ${scenario.unit}`,
    rivals.find(({ id }) => id === rival)?.name ?? rival,
    inCell(scenario, before),
    inCell(scenario, after),
    signed(gain),
    gainOnBound === undefined ? "" : signed(gainOnBound),
  ]);
  return layOut([head, ...rows]);
}

function inCell({ headline }: ScenarioInfo, cell: Cell): string {
  const spread = spreadOf(cell, headline);
  const figure = formatNumber(figureOf(cell, headline));
  return spread === undefined ? `${figure}      ` : `${figure} ${`±${Math.round(spread * 100)}%`.padStart(5)}`;
}

function signed(gain: number): string {
  return `${gain < 0 ? "-" : "+"}${percent(Math.abs(gain))}`;
}

function warnings(before: Results, after: Results): string[] {
  const differ = (["cpu", "cores", "system", "node"] as const).filter(
    (key) => before.machine[key] !== after.machine[key],
  );
  return [
    differ.length === 0
      ? ""
      : `Not the same machine (${differ.join(", ")}): only the gains on the loop mean something.`,
    before.pace.quick === after.pace.quick ? "" : "One run was quick, the other not.",
  ];
}

/** What is not ours has not changed: its gain is the machine's. */
function machineDrift(changes: readonly Change[]): string {
  const others = changes.filter(({ rival }) => !/^(procwire(?!-core)|compute-ours)/.test(rival));
  if (others.length === 0) return "";
  const drift = median(others.map(({ gain }) => gain));
  return `The rivals' own figures: ${signed(drift)} in the median. That much of each gain is the machine's doing.`;
}
