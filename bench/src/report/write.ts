import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Options } from "../options.js";
import { layOut } from "./layout.js";
import { markdownOf } from "./markdown.js";
import { htmlOf } from "./page/html.js";
import type { Results } from "./results.js";
import { withFigures } from "./summary.js";
import { allTables } from "./tables.js";
import { failuresInWords, HOW_TO_READ, verdictInWords } from "./words.js";

const DOCS = new URL("../../../docs/", import.meta.url);

export function print(results: Results): void {
  for (const { title, rows } of allTables(results, process.stdout.columns)) console.log(`\n${title}\n${layOut(rows)}`);
  console.log(`\n${HOW_TO_READ}`);
  for (const line of failuresInWords(results)) console.log(`\n${line}`);
  if (results.verdicts.length > 0) console.log(`\nTargets\n${results.verdicts.map(verdictInWords).join("\n")}`);
}

/** The files that were asked for. */
export function writeFiles(results: Results, { json, html, report }: Options): void {
  if (json !== undefined) write(json, jsonOf(results));
  if (html !== undefined) write(html, htmlOf(results));
  if (!report) return;
  if (results.pace.quick || results.only !== undefined) throw new Error("--report is made from a full run");
  const text = jsonOf(results);
  write(fileURLToPath(new URL("performance.json", DOCS)), text);
  // From what was written, so that the pages can be made of it again, and tests see that they agree.
  const written = JSON.parse(text) as Results;
  write(fileURLToPath(new URL("performance.md", DOCS)), markdownOf(written));
  const readme = fileURLToPath(new URL("../README.md", DOCS));
  write(readme, withFigures(readFileSync(readme, "utf8"), written));
}

function write(file: string, text: string): void {
  writeFileSync(file, text);
  console.log(`wrote ${file}`);
}

/** Figures with five digits: the others are noise, and make each run's file differ everywhere. */
function jsonOf(results: Results): string {
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
  return `${JSON.stringify(results, rounded, 2)}\n`;
}
