/** docs/performance.md: all of it is made from the results. */
import { HOW_TO_READ, failuresInWords, percent, pinningInWords, precisely } from "./words.js";
import { machineInWords } from "../machine.js";
import { tableOf } from "./markdown-table.js";
import type { Results } from "./results.js";
import { summaryOf } from "./summary.js";
import { allTables, type Table } from "./tables.js";
import type { Verdict } from "./targets.js";

const ENOUGH_FOR_ALL_COLUMNS = 100_000;

export function markdownOf(results: Results): string {
  const { machine, cpus, pace, seconds, date, commit, verdicts } = results;
  const failures = failuresInWords(results);
  return [
    "# Performance",
    "<!-- Made by `npm run bench -- --report`: change the script, not this file. -->",
    summaryOf(results),
    "Made by `npm run bench -- --report` in one run on one machine, rivals and ours in turns. The figures themselves, " +
      "lap by lap, are in [performance.json](performance.json); [bench/README.md](../bench/README.md) says how it is " +
      "measured and what each row is.",
    [
      `- ${date.slice(0, 10)}${commit === undefined ? "" : `, commit ${commit}`}`,
      `- ${machineInWords(machine)}`,
      `- ${pinningInWords(cpus)}`,
      `- up to ${pace.rounds} rounds of ${pace.lapMs} ms after a warm-up of ${pace.warmUpMs} ms; ${Math.round(seconds)} seconds in all`,
    ].join("\n"),
    "## Targets",
    targetsOf(verdicts),
    "## Figures",
    HOW_TO_READ,
    ...allTables(results, ENOUGH_FOR_ALL_COLUMNS).map(sectionOf),
    ...(failures.length === 0 ? [] : ["## Failures", failures.map((line) => `- ${line}`).join("\n")]),
    "## Rows",
    tableOf([["row", "what it is"], ...results.rivals.map(({ name, what }) => [name, what])]),
  ]
    .join("\n\n")
    .concat("\n");
}

function targetsOf(verdicts: readonly Verdict[]): string {
  return tableOf([
    ["target", "wanted", "measured", ""],
    ...verdicts.map(({ what, wanted, measured, met, missedBy }) => [
      what,
      wanted,
      precisely(measured),
      met ? "met" : `**missed by ${percent(missedBy)}**`,
    ]),
  ]);
}

function sectionOf({ title, rows }: Table): string {
  return `### ${title}\n\n${tableOf(rows)}`;
}
