// npm run lint: every check that is not a test, one line each; what a check printed is shown when it fails.
//
//   npm run lint -- eslint tsc      only the checks whose names begin so

import { basename, join } from "node:path";

import { findPython, NO_PYTHON, runMypy } from "./lib/python.mjs";
import { inWords } from "./lib/report.mjs";
import { main, Problem, run, runNode, seconds } from "./lib/run.mjs";
import { packInto } from "./lib/tarballs.mjs";
import {
  cacheDirectory,
  commandFile,
  faultyDirectory,
  packagesInBuildOrder,
  root,
  rustDirectory,
  rustParentDirectory,
} from "./lib/workspace.mjs";
import { setup } from "./setup.mjs";

/** @typedef {() => Promise<{ exitCode: number, output: string, skipped?: string }>} Check */

await main(async () => {
  const chosen = process.argv.slice(2);
  await setup({ only: ["prerequisites", "dependencies", "packages"] });
  console.log();

  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [name, check] of allChecks()) {
    if (chosen.length > 0 && !chosen.some((start) => name.startsWith(start))) continue;
    const started = Date.now();
    const { exitCode, output, skipped } = await check();
    const outcome = exitCode !== 0 ? "failed" : skipped === undefined ? "passed" : "skipped";
    count[outcome] += 1;
    const words = { passed: "ok    ", failed: "FAILED", skipped: "-     " }[outcome];
    console.log(`${words}  ${name.padEnd(32)} ${skipped === undefined ? seconds(started) : `skipped: ${skipped}`}`);
    if (exitCode !== 0) console.log(`\n${indent(output)}\n`);
  }
  if (count.passed + count.failed + count.skipped === 0) {
    throw new Problem(`No check is named ${chosen.join(" or ")}.`);
  }
  console.log(`\n${inWords(count)}`);
  return count.failed === 0 ? 0 : 1;
});

/** @returns {[string, Check][]} */
function allChecks() {
  const sources = packagesInBuildOrder().map(({ directory }) => directory);
  const neutral = join("packages", "transport", "tsconfig.neutral.json");
  return [
    ["eslint", node("eslint", ["--max-warnings", "0", "."])],
    ["prettier", node("prettier", ["--check", "--log-level", "warn", "."])],
    ["tsc, all files", node("typescript", ["--project", root], "tsc")],
    ...sources.map(
      /** @returns {[string, Check]} */ (directory) => [
        `tsc, ${directory.slice(root.length)}`,
        node("typescript", ["--project", directory], "tsc"),
      ],
    ),
    ["tsc, neutral folders", node("typescript", ["--project", neutral], "tsc")],
    ["knip", node("knip", [])],
    ["publint and attw", checkTarballs],
    ...[rustDirectory, faultyDirectory, rustParentDirectory].flatMap((directory) => rustChecks(directory)),
    ["mypy, python", checkPython],
  ];
}

/**
 * @param {string} directory
 * @returns {[string, Check][]}
 */
function rustChecks(directory) {
  const clippy = ["clippy", "--workspace", "--locked", "--all-targets", "--all-features", "--target-dir", "target"];
  const where = basename(directory);
  return [
    [`cargo fmt, ${where}`, () => component(directory, "rustfmt", ["fmt", "--all", "--check"])],
    [`cargo clippy, ${where}`, () => component(directory, "clippy", [...clippy, "--", "-D", "warnings"])],
  ];
}

/**
 * @param {string} packageName
 * @param {string[]} args
 * @param {string} [command]
 * @returns {Check}
 */
function node(packageName, args, command) {
  return () => runNode(commandFile(packageName, command), args, { cwd: root });
}

/** @type {Check} */
async function checkPython() {
  const python = findPython();
  return python === undefined ? { exitCode: 0, output: "", skipped: NO_PYTHON } : runMypy(python);
}

/** What others would install: the workspace's own export condition must be gone, the rest must resolve. */
async function checkTarballs() {
  const tarballs = await packInto(join(cacheDirectory, "tarballs"));
  let failed = 0;
  let output = "";
  for (const tarball of tarballs) {
    for (const [tool, command, args] of /** @type {const} */ ([
      ["publint", "publint", ["--strict", tarball]],
      // CommonJS has declarations of its own, for the one JavaScript: see declarations.mjs.
      ["@arethetypeswrong/cli", "attw", [tarball, "--profile", "esm-only", "--ignore-rules", "false-cjs"]],
    ])) {
      const result = await runNode(commandFile(tool, command), [...args], { cwd: root });
      if (result.exitCode === 0) continue;
      failed += 1;
      output += `${command}: ${tarball}\n${result.output}\n`;
    }
  }
  return { exitCode: failed, output };
}

/**
 * A part of the Rust toolchain that may not be installed: then its check fails, with the command that adds it.
 * @param {string} directory
 * @param {string} name
 * @param {string[]} args
 */
async function component(directory, name, args) {
  const result = await run("cargo", args, { cwd: directory });
  if (result.exitCode !== 0 && /is not installed|no such (sub)?command/.test(result.output)) {
    result.output = `${name} is missing: add it with: rustup component add ${name}\n\n${result.output}`;
  }
  return result;
}

/** @param {string} text */
function indent(text) {
  return text.trimEnd().replace(/^(?=.)/gm, "  ");
}
