// pnpm in the version package.json names, through the npx that comes with Node.

import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { Problem, runNode } from "./run.mjs";
import { readManifest, root } from "./workspace.mjs";

/**
 * @param {string[]} args
 * @param {import("./run.mjs").RunOptions} [options]
 */
export function runPnpm(args, options) {
  const pnpm = readManifest(root).packageManager;
  if (pnpm === undefined) throw new Error("package.json names no packageManager");
  return runNode(npxFile(), ["--yes", pnpm, ...args], options);
}

/** npm itself, as a JavaScript file. */
export function npmFile() {
  return join(dirname(npxFile()), "npm-cli.js");
}

/** npx is a JavaScript file beside npm's own; `npx.cmd` would need a shell on Windows. */
function npxFile() {
  const beside = dirname(process.execPath);
  const candidates = [
    process.env["npm_execpath"] && join(dirname(process.env["npm_execpath"]), "npx-cli.js"),
    join(beside, "node_modules", "npm", "bin", "npx-cli.js"),
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npx-cli.js"),
    ...(process.env["PATH"] ?? "")
      .split(delimiter)
      .flatMap((folder) => [join(folder, "node_modules", "npm", "bin", "npx-cli.js"), linkTarget(join(folder, "npx"))]),
  ];
  const found = candidates.find((path) => path?.endsWith("npx-cli.js") && existsSync(path));
  if (found) return found;
  throw new Problem("Procwire found Node but not its npm: install both from https://nodejs.org and run this again");
}

/** @param {string} path */
function linkTarget(path) {
  return existsSync(path) ? realpathSync(path) : undefined;
}
