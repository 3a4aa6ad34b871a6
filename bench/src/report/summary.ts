/** The few figures by which people decide: the head of docs/performance.md, and a table in the README. */
import { formatNumber } from "./layout.js";
import { tableOf } from "./markdown-table.js";
import { figureOf, findCell, type Results } from "./results.js";

type Figures = Pick<Results, "scenarios" | "cells" | "rivals">;

const ROWS: readonly (readonly [id: string, name: string])[] = [
  ["procwire", "Procwire, Rust worker"],
  ["procwire-node-worker", "Procwire, Node worker"],
  ["piscina", "piscina, one thread"],
  ["node-ipc-json", "Node's own IPC (`fork`)"],
  ["vscode-jsonrpc", "vscode-jsonrpc, our Rust worker"],
];

const COLUMNS: readonly (readonly [scenario: string, title: string, unit: string])[] = [
  ["latency", "one call, p50", "us"],
  ["in-flight-1000", "1,000 in flight", "/s"],
  ["text-1MiB", "1 MiB strings", "MiB/s"],
  ["start-up", "start to first answer", "ms"],
];

/** Five lines for those who read no tables. */
export function summaryOf(figures: Figures): string {
  const of = (scenario: string, rival: string): number => at(figures, scenario, rival) ?? NaN;
  const times = (a: number, b: number): string => (a / b).toPrecision(2);
  const rate = of("in-flight-1000", "procwire");
  return [
    `- **One call** to a Rust worker takes ${inUnits(of("latency", "procwire"), "us")} (p50); to a Node worker ${inUnits(of("latency", "procwire-node-worker"), "us")}.`,
    `- **Many calls**: ${inUnits(rate, "/s")} with 1,000 in flight, ${times(rate, of("in-flight-1000", "node-ipc-json"))} times Node's own IPC and ${times(rate, of("in-flight-1000", "vscode-jsonrpc"))} times vscode-jsonrpc.`,
    `- **Large values**: strings of 1 MiB there and back at ${inUnits(of("text-1MiB", "procwire"), "MiB/s")}, bytes by MessagePack at ${inUnits(of("bytes-1MiB", "procwire-msgpack"), "MiB/s")}.`,
    `- **Computing**: fib(40) by the same recursion takes ${inUnits(of("compute-fib", "compute-node"), "ms")} in Node and ${inUnits(of("compute-fib", "compute-ours-recursive"), "ms")} in Rust, the call included.`,
    `- **Starting** a Rust worker takes ${inUnits(of("start-up", "procwire"), "ms")} until its first answer; a Node worker ${inUnits(of("start-up", "procwire-node-worker"), "ms")}.`,
  ].join("\n");
}

export function readmeTable(figures: Figures): string {
  const head = ["", ...COLUMNS.map(([, title]) => title)];
  const rows = ROWS.map(([rival, name]) => [
    name,
    ...COLUMNS.map(([scenario, , unit]) => inUnits(at(figures, scenario, rival), unit)),
  ]);
  return tableOf([head, ...rows]);
}

const BEGIN = "<!-- figures: made by `npm run bench -- --report` -->";
const END = "<!-- end of figures -->";

/** The README with the table of these results between its marks. Throws when the marks are missing. */
export function withFigures(readme: string, figures: Figures): string {
  const [before, after] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (before === -1 || after < before) throw new Error(`README.md lacks the marks ${BEGIN} and ${END}`);
  return `${readme.slice(0, before + BEGIN.length)}\n\n${readmeTable(figures)}\n\n${readme.slice(after)}`;
}

function at(figures: Figures, scenario: string, rival: string): number | undefined {
  const headline = figures.scenarios.find(({ id }) => id === scenario)?.headline;
  return headline === undefined ? undefined : figureOf(findCell(figures, scenario, rival), headline);
}

function inUnits(value: number | undefined, unit: string): string {
  const number = formatNumber(value);
  return number === "" ? "not measured" : unit === "/s" ? `${number}/s` : `${number} ${unit}`;
}
