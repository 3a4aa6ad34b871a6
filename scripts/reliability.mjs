// npm run reliability: set up, run the soaks, the tests and cargo's tests, and write what they found to
// docs/reliability.md. Every tenth trial of hostile starts a process, which is what takes the time.
//
//   npm run reliability                   everything
//   npm run reliability -- kills hostile  these soaks again; the rest stays as the last run left it
//   npm run reliability -- tests          the tests again
//   npm run reliability -- page           nothing again but the page

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { main, run, runNode } from "./lib/run.mjs";
import { cacheDirectory, commandFile, root, rustDirectory } from "./lib/workspace.mjs";
import { setup, stepsForTests } from "./setup.mjs";

/** @type {Readonly<Record<string, number>>} How often: as much as is to be said in the table, and no more. */
const SOAKS = {
  kills: 3_000,
  "reply-then-exit": 300,
  orphans: 10,
  cycles: 500,
  memory: 1_000_000,
  "both-ways": 500,
  stderr: 200,
  linear: 16,
  hostile: 2_000,
  services: 50,
  pool: 500,
  "crash-loop": 120,
};
const SOURCES = ["--expose-gc", "--conditions=procwire-source", "--import", "tsx"];

await main(async () => {
  await setup({ only: stepsForTests });
  const parts = process.argv.slice(2);
  const wants = (/** @type {string} */ part) => parts.length === 0 || parts.includes(part);
  mkdirSync(cacheDirectory, { recursive: true });
  for (const [name, count] of Object.entries(SOAKS)) {
    if (wants(name)) await test("soak/main.ts", name, "--count", String(count));
  }
  if (wants("tests")) {
    await runVitest();
    await runCargo();
  }
  return await test("reliability/main.ts");
});

/**
 * What it finds is in the table, and fails nothing here.
 * @param {string} program
 * @param {string[]} args
 */
async function test(program, ...args) {
  console.log();
  const { exitCode } = await run(process.execPath, [...SOURCES, join(root, "test", program), ...args], {
    cwd: root,
    show: true,
  });
  return exitCode;
}

async function runVitest() {
  const reportFile = join(cacheDirectory, "vitest.json");
  rmSync(reportFile, { force: true });
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${reportFile}`];
  await runNode(commandFile("vitest"), args, { cwd: root, show: true });
}

async function runCargo() {
  const args = ["test", "--locked", "--all-features", "--no-fail-fast", "--target-dir", "target"];
  const env = { ...process.env, CARGO_TERM_COLOR: "never" };
  const { output } = await run("cargo", args, { cwd: rustDirectory, env });
  writeFileSync(join(cacheDirectory, "cargo-test.txt"), output);
}
