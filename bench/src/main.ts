/** The benchmark: `npm run bench -- --help`. */
import { describeCommit, describeMachine, machineInWords } from "./machine.js";
import { HELP, readOptions, type Options } from "./options.js";
import { findCpuPair } from "./pinning.js";
import { assertRustWorkerBuilt, buildBenchPrograms } from "./programs.js";
import { compareInWords } from "./report/compare.js";
import { Progress } from "./report/progress.js";
import { readResults, VERSION, type Results } from "./report/results.js";
import { judge } from "./report/targets.js";
import { pinningInWords } from "./report/words.js";
import { print, writeFiles } from "./report/write.js";
import type { Rival } from "./rivals/contract.js";
import { rivals } from "./rivals/index.js";
import { countLaps, runAll, type Pairing } from "./rounds.js";
import { infoOf, type Scenario } from "./scenarios/contract.js";
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
  else if (options.compare !== undefined) console.log(compareInWords(...readBoth(options.compare)));
  else {
    const results = options.from === undefined ? await benchmark(options) : readResults(options.from);
    print(results);
    writeFiles(results, options);
  }
}

function readBoth([before, after]: readonly [string, string]): [Results, Results] {
  return [readResults(before), readResults(after)];
}

function list(): void {
  for (const { id, title, pinned } of scenarios) console.log(`scenario  ${id}: ${title}${pinned ? ", pinned" : ""}`);
  for (const { id, what } of rivals) console.log(`rival     ${id}: ${what}`);
}

async function benchmark({ only, pace }: Options): Promise<Results> {
  const pairings = pairUp(only, pace.quick);
  if (pairings.length === 0) throw new Error("--only matches nothing; --list tells the names");

  process.stdout.write("building the programs to compare with ... ");
  assertRustWorkerBuilt();
  await buildBenchPrograms();
  console.log("done");

  const machine = describeMachine();
  const cpus = findCpuPair();
  const commit = describeCommit();
  console.log(machineInWords(machine));
  console.log(pinningInWords(cpus));
  const progress = new Progress(countLaps(pairings, pace));
  const date = new Date().toISOString();
  const cells = await runAll(pairings, pace, "unpinned" in cpus ? undefined : cpus, progress);
  const seconds = progress.end();
  const measured = {
    scenarios: pairings.map(({ scenario }) => infoOf(scenario)),
    rivals: rivals
      .filter(({ id }) => cells.some(({ rival }) => rival === id))
      .map(({ id, name, what }) => ({ id, name, what })),
    cells,
  };
  return {
    ...{ version: VERSION, date, seconds, machine, cpus, pace, ...measured, verdicts: judge(measured) },
    ...(commit === undefined ? {} : { commit }),
    ...(only === undefined ? {} : { only: only.source }),
  };
}

/** Each scenario with the rivals that can take part and that were asked for; a pattern asks for what it matches. */
function pairUp(only: RegExp | undefined, quick: boolean): Pairing[] {
  return scenarios
    .map((scenario) => ({
      scenario,
      rivals: rivals.filter(
        (rival) =>
          canTakePart(rival, scenario) &&
          (only === undefined ? !quick || isInQuickRuns(rival, scenario) : only.test(`${scenario.id} ${rival.id}`)),
      ),
    }))
    .filter((pairing) => pairing.rivals.length > 0);
}

function canTakePart({ id, can, oneAtATime = false, maxPayload = Infinity }: Rival, scenario: Scenario): boolean {
  const { needs, overlaps, payload = 0, rivals: chosen } = scenario;
  return (
    can.includes(needs) &&
    !(oneAtATime && overlaps) &&
    payload <= maxPayload &&
    (chosen === undefined || chosen.includes(id))
  );
}

function isInQuickRuns({ id, isVariant = false }: Rival, { quick }: Scenario): boolean {
  if (typeof quick === "boolean") return quick;
  return quick === "no variants" ? !isVariant : quick.includes(id);
}
