// Is this machine ready? Node and a Rust toolchain are all it needs; what is missing is said in one sentence.
// Runs on old versions of Node too, or it could not say that they are too old.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";

import { Problem, isProgram, main } from "./lib/run.mjs";
import { root, rustDirectory } from "./lib/workspace.mjs";

const oldestNode = "20.19.0";
const oldestRust = "1.85.0"; // the first with edition 2024

const onWindows = process.platform === "win32";
const installRust = onWindows
  ? "winget install Rustlang.Rustup"
  : "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh";

/**
 * Throws a Problem that names the command to run, or returns the versions found.
 * Cargo found in rustup's own folder is put on PATH: a fresh install is often not there yet.
 */
export function checkPrerequisites() {
  return `${checkNode()}, Rust ${checkRust()}`;
}

/** All that the packages need. */
export function checkNode() {
  const found = process.versions.node;
  if (!olderThan(found, oldestNode)) return `Node ${found}`;
  throw new Problem(
    `Procwire needs Node ${oldestNode} or newer and this is ${found}: install a newer one from https://nodejs.org` +
      (onWindows ? " or with: winget install OpenJS.NodeJS.LTS" : " or with: nvm install 22"),
  );
}

function checkRust() {
  const cargo = askCargo() ?? askCargoInRustupFolder();
  if (cargo === undefined) {
    throw new Problem(`Procwire needs a Rust toolchain and found no cargo: install it with: ${installRust}`);
  }
  const version = /^cargo (\d+\.\d+\.\d+)/.exec(cargo.stdout)?.[1];
  if (version === undefined) {
    throw new Problem(
      "Procwire found cargo, but it does not start: choose a toolchain with: rustup default stable",
      cargo.stderr,
    );
  }
  if (olderThan(version, oldestRust)) {
    const update = has("rustup") ? "rustup update stable" : installRust;
    throw new Problem(`Procwire needs Rust ${oldestRust} or newer and this is ${version}: update it with: ${update}`);
  }
  return version;
}

/** undefined: there is no such program. */
function askCargo() {
  // Asked where it will be used: a rust-toolchain file there may choose another version.
  const cwd = existsSync(rustDirectory) ? rustDirectory : root;
  const { error, stdout, stderr } = spawnSync("cargo", ["--version"], { cwd, encoding: "utf8" });
  return error === undefined ? { stdout, stderr } : undefined;
}

function askCargoInRustupFolder() {
  const folder = join(process.env["CARGO_HOME"] ?? join(homedir(), ".cargo"), "bin");
  if (!existsSync(join(folder, onWindows ? "cargo.exe" : "cargo"))) return undefined;
  process.env["PATH"] = `${folder}${delimiter}${process.env["PATH"] ?? ""}`;
  return askCargo();
}

/** @param {string} program */
function has(program) {
  return spawnSync(program, ["--version"]).error === undefined;
}

/**
 * @param {string} version
 * @param {string} limit
 */
function olderThan(version, limit) {
  const parts = version.split(".").map(Number);
  for (const [index, wanted] of limit.split(".").map(Number).entries()) {
    const actual = parts[index] ?? 0;
    if (actual !== wanted) return actual < wanted;
  }
  return false;
}

if (isProgram(import.meta.url)) {
  await main(async () => console.log(checkPrerequisites()));
}
