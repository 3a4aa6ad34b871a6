/** The benchmark: `npm run bench -- --help`. */
import { writeFileSync } from "node:fs";
import { describeMachine, machineInWords } from "./machine.js";
import { HELP, readOptions, type Options } from "./options.js";
import { findCpuPair, type CpuPair } from "./pinning.js";
import { assertRustWorkerBuilt, buildBenchPrograms } from "./programs.js";
import { Progress } from "./report/progress.js";
import { cpuTables, mainTables, percentileTables } from "./report/tables.js";
import { judge, verdictInWords, type Verdict } from "./report/targets.js";
import type { Rival } from "./rivals/contract.js";
import { rivals } from "./rivals/index.js";
import { runAll, type Cell, type Pairing } from "./rounds.js";
import type { Scenario } from "./scenarios/contract.js";
import { scenarios } from "./scenarios/index.js";

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  if (options.help) console.log(HELP);
  else if (options.list) list();
  else await benchmark(options);
}

async function benchmark(options: Options): Promise<void> {
  const pairings = pairUp(options.only);
  if (pairings.length === 0) throw new Error("--only matches nothing; --list tells the names");

  process.stdout.write("building the programs to compare with ... ");
  assertRustWorkerBuilt();
  await buildBenchPrograms();
  console.log("done");

  const machine = describeMachine();
  const cpus = findCpuPair();
  console.log(machineInWords(machine));
  console.log(pinningInWords(cpus));
  const cells = await measure(pairings, options, "unpinned" in cpus ? undefined : cpus);
  const verdicts = judge(cells, scenarios);
  print(pairings, cells, verdicts);
  if (options.json !== undefined) {
    const report = { version: 1, date: new Date().toISOString(), machine, cpus, pace: options.pace, cells, verdicts };
    writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
    console.log(`\nAll figures are in ${options.json}`);
  }
}

function list(): void {
  for (const { id, title, pinned } of scenarios) console.log(`scenario  ${id}: ${title}${pinned ? ", pinned" : ""}`);
  for (const { id, what } of rivals) console.log(`rival     ${id}: ${what}`);
}

/** Each scenario with the rivals that can take part and that were asked for. */
function pairUp(only: RegExp): Pairing[] {
  return scenarios
    .map((scenario) => ({
      scenario,
      rivals: rivals.filter((rival) => canTakePart(rival, scenario) && only.test(`${scenario.id} ${rival.id}`)),
    }))
    .filter((pairing) => pairing.rivals.length > 0);
}

function canTakePart({ calls, oneAtATime = false }: Rival, scenario: Scenario): boolean {
  return (calls?.includes(scenario.call) ?? true) && !(oneAtATime && scenario.overlaps);
}

async function measure(pairings: readonly Pairing[], { pace }: Options, cpus: CpuPair | undefined): Promise<Cell[]> {
  const participants = pairings.reduce((total, pairing) => total + pairing.rivals.length, 0);
  const progress = new Progress(participants * (pace.rounds + 1));
  const cells = await runAll(pairings, pace, cpus, progress);
  progress.end();
  return cells;
}

function print(pairings: readonly Pairing[], cells: readonly Cell[], verdicts: readonly Verdict[]): void {
  const columns = pairings.map(({ scenario }) => scenario);
  const rows = rivals.filter(({ id }) => cells.some(({ rival }) => rival === id));
  for (const table of [
    ...mainTables(cells, columns, rows, process.stdout.columns),
    ...percentileTables(cells, columns, rows),
    ...cpuTables(cells, columns, rows),
  ]) {
    console.log(`\n${table}`);
  }
  console.log("\nx: ratio to the better of the two hand-written loops. Of us and ms less is better, of /s more.");
  for (const { scenario, rival, failure } of cells) {
    if (failure !== undefined) console.log(`\n${rival} failed in ${scenario}: ${failure}`);
  }
  if (verdicts.length > 0) console.log(`\n${verdicts.map(verdictInWords).join("\n")}`);
}

function pinningInWords(cpus: ReturnType<typeof findCpuPair>): string {
  if ("unpinned" in cpus) return `not pinned, because ${cpus.unpinned}: the latencies depend on the scheduler`;
  return `latency is measured with the parent on CPU ${cpus.parent} and the worker on CPU ${cpus.worker}`;
}
