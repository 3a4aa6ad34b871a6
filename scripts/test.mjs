// npm test: set up, run every test, and end with one line that sums what the runners reported.
//
//   npm test                        all sides
//   npm test -- --ts                vitest only
//   npm test -- --rust              cargo only
//   npm test -- --python            unittest only
//   npm test -- framing -t split    vitest only, with these arguments for it

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { filesInWords, skippedInWords } from "./lib/left-out.mjs";
import { findPython, NO_PYTHON, requirePython, runUnittest } from "./lib/python.mjs";
import { countCargo, countFinished, countUnittest, countVitest, inWords, sum } from "./lib/report.mjs";
import { main, run, runNode, seconds, step } from "./lib/run.mjs";
import { unfinishedFile } from "./lib/unfinished-reporter.mjs";
import { cacheDirectory, commandFile, root, rustDirectory } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

const reporters = ["default", "json", join(root, "scripts/lib/unfinished-reporter.mjs")];
const ours = ["--ts", "--rust", "--python", "--verbose"];

await main(async () => {
  const args = process.argv.slice(2);
  const forVitest = args.filter((arg) => !ours.includes(arg));
  const asked = {
    ts: args.includes("--ts") || forVitest.length > 0,
    rust: args.includes("--rust"),
    python: args.includes("--python"),
  };
  const all = !asked.ts && !asked.rust && !asked.python;

  await setup({
    verbose: args.includes("--verbose"),
    // The tests in Rust and in Python need nothing from npm; the TypeScript ones start the Rust worker.
    only: all || asked.ts ? stepsForTests : ["prerequisites"],
  });

  /** @type {string[]} */
  const leftOut = [];
  const results = [];
  if (all || asked.ts) results.push(await runVitest(forVitest, leftOut));
  if (all || asked.rust) results.push(await runCargo());
  const python = asked.python ? requirePython() : findPython();
  if (python === undefined) leftOut.push(`skipped: the tests in Python (because ${NO_PYTHON})`);
  else if (all || asked.python) results.push(await runPython(python));

  console.log();
  for (const { name, count, time } of results) {
    console.log(`${name.padEnd(12)}${inWords(count)} (${time})${count.note === undefined ? "" : `: ${count.note}`}`);
  }
  for (const line of leftOut) console.log(line);
  const total = sum(results.map(({ count }) => count));
  console.log(`\n${inWords(total)}`);
  return total.failed === 0 ? 0 : 1;
});

/**
 * @param {string[]} args
 * @param {string[]} leftOut gets a line for what did not run
 */
async function runVitest(args, leftOut) {
  console.log("\nvitest");
  const started = Date.now();
  const { report, exitCode } = await vitest(args);
  leftOut.push(...skippedInWords(report, args));
  if (args.length > 0) leftOut.push(filesInWords(report, args));
  const unfinished = readUnfinished();
  const others = countFinished(report, unfinished);
  const count = others === undefined ? countVitest(report, exitCode) : sum([others, await runAgain(unfinished)]);
  return { name: "vitest", count, time: seconds(started) };
}

/**
 * A process that died says nothing about its tests. A file whose process dies twice has failed.
 * @param {string[]} files
 */
async function runAgain(files) {
  console.log(`\nThe process of ${files.join(", ")} died (see "did not finish" above): once more, alone`);
  const { report, exitCode } = await vitest(files);
  return countVitest(report, exitCode);
}

/** @param {string[]} args */
async function vitest(args) {
  const reportFile = join(cacheDirectory, "vitest.json");
  for (const file of [reportFile, unfinishedFile]) rmSync(file, { force: true });
  const { exitCode } = await runNode(
    commandFile("vitest"),
    ["run", ...reporters.map((name) => `--reporter=${name}`), `--outputFile.json=${reportFile}`, ...args],
    { cwd: root, show: true },
  );
  return { exitCode, report: existsSync(reportFile) ? readFileSync(reportFile, "utf8") : undefined };
}

/** @returns {string[]} */
function readUnfinished() {
  return existsSync(unfinishedFile) ? JSON.parse(readFileSync(unfinishedFile, "utf8")) : [];
}

async function runCargo() {
  console.log();
  const started = Date.now();
  const { exitCode, output } = await step("cargo test", () => {
    const args = ["test", "--locked", "--all-features", "--no-fail-fast", "--target-dir", "target"];
    const env = { ...process.env, CARGO_TERM_COLOR: "never" };
    return run("cargo", args, { cwd: rustDirectory, env });
  });
  const count = countCargo(output, exitCode);
  if (count.failed > 0) console.log(`\n${withoutSuccesses(output)}`);
  return { name: "cargo test", count, time: seconds(started) };
}

/** @param {string} python */
async function runPython(python) {
  console.log();
  const started = Date.now();
  const { exitCode, output } = await step("unittest", () => runUnittest(python));
  const count = countUnittest(output, exitCode);
  if (count.failed > 0) console.log(`\n${output.trimEnd()}`);
  return { name: "unittest", count, time: seconds(started) };
}

/** @param {string} cargoOutput */
function withoutSuccesses(cargoOutput) {
  return cargoOutput.replace(/^(test .* \.\.\. ok| *(Compiling|Finished) .*)\n/gm, "").trimEnd();
}
