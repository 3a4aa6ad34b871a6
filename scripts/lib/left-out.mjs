// What a run of vitest left out: files that its arguments did not name, and tests that were skipped.

import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

import { root } from "./workspace.mjs";

/** @typedef {import("./report.mjs").VitestReport} VitestReport */

/** How a name says why its test is skipped. */
const REASON = /because|there is no/;

/**
 * One sentence about the files that were asked for, and those that were not.
 * @param {string | undefined} report vitest's JSON
 * @param {readonly string[]} args what vitest was given
 * @param {number} total how many test files there are
 */
export function filesInWords(report, args, total = countTestFiles()) {
  const ran = report === undefined ? 0 : parse(report).length;
  if (ran === 0) return `No test file matches ${args.join(" ")}: a name is a part of a path, such as "framing".`;
  const others = total - ran;
  return `${ran} of ${total} test files ran; ${others === 0 ? "" : `${others} and `}cargo's tests were left out.`;
}

/**
 * A line for each test that was skipped, with the reason. None for those that `-t` did not name.
 * @param {string | undefined} report vitest's JSON
 * @param {readonly string[]} args what vitest was given
 * @returns {string[]}
 */
export function skippedInWords(report, args = []) {
  if (report === undefined || args.some((arg) => /^(?:-t|--testNamePattern)/.test(arg))) return [];
  return parse(report).flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => ["pending", "skipped", "todo"].includes(status))
      .map(({ fullName }) => {
        const why = REASON.test(fullName) ? "" : ` (because this is ${process.platform})`;
        return `skipped: ${relative(root, name)}: ${fullName}${why}`;
      }),
  );
}

/** @param {string} report */
function parse(report) {
  /** @type {VitestReport} */
  const { testResults } = JSON.parse(report);
  return testResults;
}

function countTestFiles() {
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "test"));
  return [...packages, join(root, "test")].flatMap(testFilesIn).length;
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function testFilesIn(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) return entry.name.endsWith(".test.ts") ? [path] : [];
    return entry.name === "node_modules" || entry.name === "target" ? [] : testFilesIn(path);
  });
}
