// A reporter for vitest: when the process of a test file dies, vitest says that one did, but neither which file and
// test it ran, nor how it ended. This one does, for people and for scripts/test.mjs.

import { subscribe } from "node:diagnostics_channel";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { cacheDirectory, root } from "./workspace.mjs";

/** @typedef {import("vitest/node").TestModule} TestModule */
/** @typedef {import("vitest/node").TestCase} TestCase */

/** The files that did not finish in the last run, as a JSON array of paths. */
export const unfinishedFile = join(cacheDirectory, "unfinished.json");

export default class UnfinishedReporter {
  /** @type {Map<string, Set<string>>} the tests that run, by file */
  #running = new Map();
  /** @type {string[]} */
  #ends = [];

  constructor() {
    subscribe("child_process", (message) => {
      const { process: child } = /** @type {{ process: import("node:child_process").ChildProcess }} */ (message);
      child.once("exit", (code, signal) => {
        // Vitest itself ends its processes by SIGTERM.
        if (code !== 0 && signal !== "SIGTERM") this.#ends.push(signal ?? `exit code ${code}`);
      });
    });
  }

  /** @param {TestModule} module */
  onTestModuleQueued(module) {
    this.#running.set(module.moduleId, new Set());
  }

  /** @param {TestCase} test */
  onTestCaseReady(test) {
    this.#running.get(test.module.moduleId)?.add(test.fullName);
  }

  /** @param {TestCase} test */
  onTestCaseResult(test) {
    this.#running.get(test.module.moduleId)?.delete(test.fullName);
  }

  /** @param {TestModule} module */
  onTestModuleEnd(module) {
    this.#running.delete(module.moduleId);
  }

  onTestRunEnd() {
    const files = [...this.#running.keys()];
    writeFileSync(unfinishedFile, JSON.stringify(files));
    if (files.length === 0) return;
    for (const [file, tests] of this.#running) {
      const where = tests.size === 0 ? "between its tests" : `in: ${[...tests].join(" | ")}`;
      console.log(`did not finish: ${relative(root, file)}, ${where}`);
    }
    console.log(`processes of test files ended by: ${this.#ends.join(", ") || "themselves, with exit code 0"}`);
  }
}
