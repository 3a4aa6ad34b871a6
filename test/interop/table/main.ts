/** Writes docs/peers.json and the README's table by vitest's report: main.ts REPORT; the last step of `npm run peers`. */
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../../support/paths.js";
import { withTable, type Ran } from "./table.js";

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

const report = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as Report;
const tests = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults.map(({ ancestorTitles, title, status }): Ran => {
    const known = status === "passed" || status === "failed" ? status : "skipped";
    return { file: basename(name, ".test.ts"), names: [...ancestorTitles, title], status: known };
  }),
);
tests.sort((one, other) => (one.file < other.file ? -1 : Number(one.file > other.file)));
const kept = tests.filter(({ file }) => file !== "table");
writeFileSync(join(root, "docs", "peers.json"), `${JSON.stringify(kept, undefined, 2)}\n`);
const readme = join(root, "README.md");
writeFileSync(readme, withTable(readFileSync(readme, "utf8"), kept));
console.log("the table of peers in README.md is written");
