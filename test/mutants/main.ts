/**
 * Checks that the tests can fail: makes one small mistake after the other in a copy of the sources, and runs the tests
 * that should notice. `npm run mutants [-- PART...]` takes those whose file or promise has one of the parts in it. Ends
 * with code 1 when a mutant survives, or can't be made any more.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.js";
import { copyTree } from "./copy.js";
import { mutate, readSource, type Mutant } from "./mutant.js";
import { mutants } from "./mutants.js";
import { runTests, type Verdict } from "./run-tests.js";

const parts = process.argv.slice(2);
const chosen = mutants.filter(
  ({ file, breaks }) => parts.length === 0 || parts.some((part) => file.includes(part) || breaks.includes(part)),
);
const started = performance.now();
const copy = copyTree();
try {
  process.exitCode = await runAll();
} finally {
  copy.remove();
}

async function runAll(): Promise<number> {
  const tests = [...new Set(chosen.flatMap((mutant) => mutant.tests))];
  const before = await runTests(copy.folder, tests);
  if (before.kind !== "passed") {
    console.log(`Without a mistake the tests should pass, but: ${inWords(before)}`);
    return 1;
  }
  let survived = 0;
  for (const mutant of chosen) if (!(await isKilled(mutant))) survived += 1;
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`\n${chosen.length - survived} killed, ${survived} survived (${seconds} s)`);
  return survived === 0 && chosen.length > 0 ? 0 : 1;
}

async function isKilled(mutant: Mutant): Promise<boolean> {
  const path = join(copy.folder, "packages", mutant.file);
  const source = readSource(root, mutant);
  writeFileSync(path, mutate(source, mutant));
  const verdict = await runTests(copy.folder, mutant.tests);
  writeFileSync(path, source);
  const isDead = verdict.kind === "failed" || verdict.kind === "hung";
  console.log(`${isDead ? "killed  " : "SURVIVED"}  ${mutant.file}: ${mutant.breaks}\n            ${inWords(verdict)}`);
  return isDead;
}

function inWords({ kind, test }: Verdict): string {
  const what = { passed: "all tests pass", failed: "fails: ", hung: "the tests hang", broken: "no test could be run" };
  return `${what[kind]}${test ?? ""}`;
}
