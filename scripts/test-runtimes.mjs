// npm run test:runtimes: the tests and sessions on other runtimes than the one at hand. Linux on x64 only: for that the npm
// registry has the runtimes themselves, so that nothing else has to be installed.
//
//   npm run test:runtimes                   all of them; writes docs/runtimes.md
//   npm run test:runtimes -- bun node-26    these only; the others' rows stay as their last runs left them
//   npm run test:runtimes -- --again        only the files in which tests failed in the last run, as that run does at its end
//   npm run test:runtimes -- --no-vitest    the sessions only, and no page: two minutes instead of twenty

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join, relative } from "node:path";

import { countVitest } from "./lib/report.mjs";
import { main, Problem, run, step } from "./lib/run.mjs";
import { install, runtimes } from "./lib/runtimes.mjs";
import { pageOf, sessionsInWords } from "./lib/runtimes-page.mjs";
import { runSessions, workerFile } from "./lib/sessions.mjs";
import { cacheDirectory, commandFile, root, rustDirectory } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

/** The packages' own tests, and those that start processes. */
const TESTS = ["packages/", "test/process/"];

await main(async () => {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Problem("test:runtimes runs on Linux x64 only; elsewhere run `npm test` with each Node that you have.");
  }
  const args = process.argv.slice(2);
  const names = args.filter((arg) => !arg.startsWith("--"));
  const chosen = runtimes.filter((runtime) => names.length === 0 || names.some((name) => isNamed(runtime, name)));
  if (chosen.length === 0) throw new Problem(`No runtime is named ${names.join(" or ")}: try node-24, bun or deno.`);
  await setup({ only: stepsForTests });
  const withTests = !args.includes("--no-vitest");
  const isAgain = args.includes("--again");
  const results = [];
  for (const runtime of chosen) {
    const result = isAgain ? await tryAgain(runtime) : await tryRuntime(runtime, withTests);
    results.push(result);
    if (withTests) writeFileSync(resultFile(runtime), JSON.stringify(result));
  }
  writePage();
  const problems = results.flatMap(({ name, version, tests, parent, worker }) => [
    ...((tests?.failed ?? 0) > 0 ? [`${name} ${version}: ${tests?.failed} tests failed ${tests?.note ?? ""}`] : []),
    ...[...parent.problems, ...worker.problems].map((problem) => `${name} ${version}: ${problem}`),
  ]);
  console.log(problems.length === 0 ? "\nall passed" : `\n${problems.join("\n")}`);
  return problems.length === 0 ? 0 : 1;
});

/** Once each runtime has a result. */
function writePage() {
  if (!runtimes.every((runtime) => existsSync(resultFile(runtime)))) return;
  const results = runtimes.map((runtime) => JSON.parse(readFileSync(resultFile(runtime), "utf8")));
  const model = cpus()[0]?.model.trim() ?? "an unknown CPU";
  const machine = `Last run on ${new Date().toISOString().slice(0, 10)}: Linux ${release()} ${process.arch}, ${model}.`;
  writeFileSync(join(root, "docs", "runtimes.md"), pageOf(results, machine));
  console.log("\ndocs/runtimes.md is written");
}

/** @param {import("./lib/runtimes.mjs").Runtime} runtime */
function resultFile({ name, version }) {
  return join(cacheDirectory, `runtime-${name}-${version}.json`.toLowerCase());
}

/**
 * @param {import("./lib/runtimes.mjs").Runtime} runtime
 * @param {string} wanted such as `bun`, `node`, `node-24`
 */
function isNamed({ name, version }, wanted) {
  const [, major] = /^(\d+)/.exec(version) ?? [];
  return [name, `${name}-${major}`, `${name}-${version}`].some((each) => each.toLowerCase() === wanted.toLowerCase());
}

/**
 * @param {import("./lib/runtimes.mjs").Runtime} runtime
 * @param {boolean} withTests
 * @returns {Promise<import("./lib/runtimes-page.mjs").Result>}
 */
async function tryRuntime(runtime, withTests) {
  const { name, version, runArgs, note } = runtime;
  const title = `${name} ${version}`;
  let program = "";
  await step(`${title}: installing`, async () => {
    program = await install(runtime);
  });
  const rust = {
    name: "Rust",
    command: join(rustDirectory, "target/release/rust-worker"),
    args: [],
    hasNodeApi: false,
  };
  const nodes = { name: "Node", command: process.execPath, args: [workerFile], hasNodeApi: true };
  const theirs = { name, command: program, args: [...runArgs, workerFile], hasNodeApi: true };
  const parent = await sessions(`${title}: as parent`, { program, args: runArgs }, [rust, nodes]);
  const worker = await sessions(`${title}: as worker`, { program: process.execPath, args: [] }, [theirs]);
  const isTested = withTests && name === "Node";
  const { tests, failed } = isTested ? await runVitest(version, program) : { tests: undefined, failed: [] };
  return { name, version, tests, parent, worker, failed, ...(note === undefined ? {} : { note }) };
}

/**
 * @param {string} title
 * @param {import("./lib/sessions.mjs").Start} parent
 * @param {import("./lib/sessions.mjs").Worker[]} workers
 */
async function sessions(title, parent, workers) {
  /** @type {import("./lib/sessions.mjs").Found} */
  let found = { passed: 0, problems: [] };
  await step(title, async () => {
    found = await runSessions(parent, workers);
    return sessionsInWords(found);
  });
  return found;
}

/**
 * @param {import("./lib/runtimes.mjs").Runtime} runtime
 * @returns {Promise<import("./lib/runtimes-page.mjs").Result>}
 */
async function tryAgain(runtime) {
  const file = resultFile(runtime);
  const title = `${runtime.name} ${runtime.version}`;
  if (!existsSync(file)) throw new Problem(`${title} has not been tried yet: leave --again out.`);
  /** @type {import("./lib/runtimes-page.mjs").Result} */
  const last = JSON.parse(readFileSync(file, "utf8"));
  const { tests, failed } = last;
  if (tests === undefined || failed.length === 0) return last;
  return { ...last, ...(await runFailedAgain(runtime.version, await install(runtime), { tests, failed })) };
}

/**
 * @typedef {{ tests: import("./lib/report.mjs").Count, failed: string[] }} Tested
 *
 * @param {string} version
 * @param {string} node
 * @returns {Promise<Tested>}
 */
async function runVitest(version, node) {
  const first = await vitest(version, node, TESTS);
  return first.failed.length === 0 ? first : runFailedAgain(version, node, first);
}

/**
 * The files in which tests failed, by themselves and one after the other: what fails on a busy machine only is no
 * difference between runtimes. What fails twice counts.
 * @param {string} version
 * @param {string} node
 * @param {Tested} first
 * @returns {Promise<Tested>}
 */
async function runFailedAgain(version, node, { tests, failed }) {
  const files = [...new Set(failed.map((name) => name.slice(0, name.indexOf(": "))))];
  const second = await vitest(version, node, ["--no-file-parallelism", ...files]);
  const again = Math.max(tests.failed - second.tests.failed, 0);
  const counts = { ...second.tests, passed: tests.passed + again, skipped: tests.skipped };
  return { tests: counts, failed: second.failed };
}

/**
 * @param {string} version
 * @param {string} node
 * @param {readonly string[]} what
 * @returns {Promise<Tested>}
 */
async function vitest(version, node, what) {
  const file = join(cacheDirectory, `vitest-${version}.json`);
  rmSync(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const args = [commandFile("vitest"), "run", ...reporters, ...what];
  const { exitCode } = await run(node, args, { cwd: root, show: true });
  const report = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  return { tests: countVitest(report, exitCode), failed: failedTests(report) };
}

/**
 * @param {string | undefined} report
 * @returns {string[]}
 */
function failedTests(report) {
  if (report === undefined) return [];
  /** @type {import("./lib/report.mjs").VitestReport} */
  const { testResults } = JSON.parse(report);
  return testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "failed")
      .map(({ fullName }) => `${relative(root, name)}: ${fullName}`),
  );
}
