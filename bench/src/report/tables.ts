import { SECTIONS, type ScenarioInfo } from "../scenarios/contract.js";
import { ratioToBound } from "./bound.js";
import { formatNumber } from "./layout.js";
import { figureOf, findCell, rivalsIn, spreadOf, type Results, type RivalInfo } from "./results.js";

/** Rows of text, the head first. */
export interface Table {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
}

const ROW_TITLE_WIDTH = 28;
const COLUMN_WIDTH = 22;
const PIPED_WIDTH = 160;

/** Per section: the figure of each scenario with spread and ratio, and what more there is to tell of some. */
export function allTables(results: Results, width: number = PIPED_WIDTH): Table[] {
  const perTable = Math.max(1, Math.floor((width - ROW_TITLE_WIDTH) / COLUMN_WIDTH));
  const tables = SECTIONS.flatMap((section) => {
    const scenarios = results.scenarios.filter((scenario) => scenario.section === section);
    return [
      ...kindsOf(scenarios).flatMap((kind) => chunks(kind, perTable).map((part) => mainTable(results, section, part))),
      ...scenarios.flatMap((scenario) => detailTable(results, scenario)),
    ];
  });
  return [...tables, ...cpuTables(results, perTable)];
}

/** Payloads of one kind make a table. */
function kindsOf(scenarios: readonly ScenarioInfo[]): ScenarioInfo[][] {
  const kindOf = ({ id, section }: ScenarioInfo): string => (section === "Payloads" ? (id.split("-")[0] ?? "") : "");
  const kinds = [...new Set(scenarios.map(kindOf))];
  return kinds.map((kind) => scenarios.filter((scenario) => kindOf(scenario) === kind));
}

function mainTable(results: Results, section: string, scenarios: readonly ScenarioInfo[]): Table {
  const head = ["", ...scenarios.flatMap(({ title, unit }) => [`${title}, ${unit}`, "x"])];
  const rows = rivalsIn(results, scenarios).map((rival) => [
    rival.name,
    ...scenarios.flatMap((scenario) => inCells(results, scenario, rival)),
  ]);
  return { title: section, rows: withoutEmptyColumns([head, ...rows]) };
}

function inCells(results: Results, scenario: ScenarioInfo, rival: RivalInfo): [string, string] {
  const cell = findCell(results, scenario.id, rival.id);
  const figure = figureOf(cell, scenario.headline);
  if (cell === undefined || figure === undefined) return [cell?.failure === undefined ? "" : "failed", ""];
  const spread = spreadOf(cell, scenario.headline);
  const inWords = spread === undefined ? "" : `±${Math.round(spread * 100)}%`;
  const ratio = ratioToBound(results, scenario, rival.id);
  return [`${formatNumber(figure)} ${inWords.padStart(5)}`, ratio === undefined ? "" : ratio.toFixed(2)];
}

function detailTable(results: Results, scenario: ScenarioInfo): Table[] {
  const { id, title, details } = scenario;
  if (details === undefined) return [];
  const rows = rivalsIn(results, [scenario]).map(({ id: rival, name }) => {
    const cell = findCell(results, id, rival);
    return [name, ...details.map(([figure]) => formatNumber(figureOf(cell, figure)))];
  });
  return [{ title: `${title}: in detail`, rows: [["", ...details.map(([, name]) => name)], ...rows] }];
}

/** What a call costs both processes: steadier than its rate on a machine that is busy with other things. */
function cpuTables(results: Results, perTable: number): Table[] {
  const scenarios = results.scenarios.filter(({ id }) =>
    results.cells.some((cell) => cell.scenario === id && figureOf(cell, "cpuUs") !== undefined),
  );
  return chunks(scenarios, perTable * 2).map((part) => ({
    title: "CPU time per call, us: parent + worker",
    rows: [
      ["", ...part.map(({ title }) => title)],
      ...rivalsIn(results, part).map(({ id, name }) => [name, ...part.map((scenario) => cpuOf(results, scenario, id))]),
    ],
  }));
}

function cpuOf(results: Results, scenario: ScenarioInfo, rival: string): string {
  const cell = findCell(results, scenario.id, rival);
  const parent = figureOf(cell, "parentCpuUs");
  if (parent === undefined) return "";
  return `${formatNumber(parent)} + ${formatNumber(figureOf(cell, "workerCpuUs")) || "?"}`;
}

/** The ratio has no column where there is nothing to refer to. */
function withoutEmptyColumns(rows: readonly (readonly string[])[]): string[][] {
  return rows.map((row) =>
    row.filter((_, column) => column === 0 || rows.slice(1).some((other) => other[column] !== "")),
  );
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const starts = all.map((_, index) => index).filter((index) => index % size === 0);
  return starts.map((start) => all.slice(start, start + size));
}
