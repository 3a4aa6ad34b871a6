// Everything between a fresh clone and a runnable repository; what is up to date is left alone.
//
//   node scripts/setup.mjs [--verbose]      also: npm run build

import { existsSync } from "node:fs";
import { join } from "node:path";

import { runPnpm } from "./lib/pnpm.mjs";
import { Problem, isProgram, main, run, runNode, step } from "./lib/run.mjs";
import {
  commandFile,
  dependenciesOf,
  faultyDirectory,
  hashOf,
  packagesInBuildOrder,
  readManifest,
  root,
  rustDirectory,
  stamp,
  workspaceDirectories,
} from "./lib/workspace.mjs";
import { checkNode, checkPrerequisites } from "./prerequisites.mjs";

const steps = {
  prerequisites: { title: "checking tools", work: async () => checkPrerequisites() },
  node: { title: "checking tools", work: async () => checkNode() },
  dependencies: { title: "installing dependencies", work: installDependencies },
  packages: { title: "building packages", work: buildPackages },
  rust: { title: "building the Rust worker", work: buildRustWorker },
  faulty: { title: "building the misbehaving worker", work: buildFaultyWorker },
  conformance: { title: "building the worker of the conformance sessions", work: buildConformanceWorker },
};

/** What tests need beside what everybody needs. @type {StepName[]} */
export const stepsForTests = ["prerequisites", "dependencies", "packages", "rust", "faulty", "conformance"];

/**
 * @typedef {keyof typeof steps} StepName
 * @typedef {object} SetupOptions
 * @property {boolean} [verbose] show what the programs print, also when they succeed
 * @property {StepName[]} [only]
 */

/** @param {SetupOptions} [options] */
export async function setup({ verbose = false, only = ["prerequisites", "dependencies", "packages", "rust"] } = {}) {
  for (const [index, name] of only.entries()) {
    const { title, work } = steps[name];
    await step(`[${index + 1}/${only.length}] ${title}`, () => work(verbose));
  }
}

/** @param {boolean} verbose */
async function installDependencies(verbose) {
  const projects = [root, ...workspaceDirectories()];
  const wanted = [
    `${process.platform} ${process.arch}`, // esbuild's binary differs
    hashOf([
      join(root, "pnpm-lock.yaml"),
      join(root, "pnpm-workspace.yaml"),
      ...projects.map((directory) => join(directory, "package.json")),
    ]),
  ].join(" ");
  const installed = stamp("dependencies");
  if (installed.equals(wanted) && projects.every(hasItsModules)) return "up to date";

  // A production environment would leave the development dependencies out, and a folder that npm had filled
  // would make pnpm ask before it replaces it.
  const args = ["install", "--frozen-lockfile", "--prod=false", "--config.confirmModulesPurge=false"];
  const { exitCode, output } = await runPnpm(args, { cwd: root, show: verbose });
  if (exitCode !== 0) {
    throw new Problem(
      "The dependencies could not be installed; what the installer said is above. Is the npm registry reachable?",
      output,
    );
  }
  installed.write(wanted);
  return undefined;
}

/** @param {string} directory */
function hasItsModules(directory) {
  const needsNone = Object.keys(dependenciesOf(readManifest(directory))).length === 0;
  return needsNone || existsSync(join(directory, "node_modules"));
}

/** @param {boolean} verbose */
async function buildPackages(verbose) {
  /** @type {Map<string, string>} */
  const hashes = new Map();
  let built = 0;
  for (const { directory, manifest, dependsOn } of packagesInBuildOrder()) {
    const own = hashOf([
      join(root, "pnpm-lock.yaml"),
      join(root, "tsconfig.base.json"),
      join(directory, "package.json"),
      join(directory, "tsconfig.json"),
      join(directory, "tsup.config.ts"),
      join(directory, "src"),
      join(directory, "programs"),
    ]);
    const wanted = [own, ...dependsOn.map((name) => hashes.get(name))].join(" ");
    hashes.set(manifest.name, wanted);

    const current = stamp(`build-${manifest.name.replace("/", "-")}`);
    const complete = ["index.js", "index.d.ts", "index.d.cts"].every((file) =>
      existsSync(join(directory, "dist", file)),
    );
    if (complete && current.equals(wanted)) continue;

    const { exitCode, output } = await runNode(commandFile("tsup"), [], {
      cwd: directory,
      show: verbose,
    });
    if (exitCode !== 0) throw new Problem(`${manifest.name} did not build.`, output);
    const declared = await runNode(join(root, "scripts", "declarations.mjs"), [directory], { show: verbose });
    if (declared.exitCode !== 0) throw new Problem(`${manifest.name} has no declarations.`, declared.output);
    current.write(wanted);
    built += 1;
  }
  return built === 0 ? "up to date" : undefined;
}

/** @param {boolean} verbose */
async function buildRustWorker(verbose) {
  return buildRust(rustDirectory, ["--release"], "The Rust worker did not build.", verbose);
}

/** @param {boolean} verbose */
async function buildFaultyWorker(verbose) {
  return buildRust(faultyDirectory, [], "The misbehaving worker of the tests (in Rust) did not build.", verbose);
}

/** @param {boolean} verbose */
async function buildConformanceWorker(verbose) {
  const args = ["--release", "--package", "procwire", "--features", "tls", "--examples"];
  return buildRust(rustDirectory, args, "The programs of the tests (in Rust) did not build.", verbose);
}

/**
 * @param {string} cwd
 * @param {string[]} profile
 * @param {string} failure
 * @param {boolean} show
 */
async function buildRust(cwd, profile, failure, show) {
  // The folder is named, so that tests and examples find the binary whatever the user's cargo configuration says.
  const args = ["build", ...profile, "--locked", "--target-dir", "target"];
  const { exitCode, output } = await run("cargo", args, { cwd, show });
  if (exitCode === 0) return output.includes("Compiling") || show ? undefined : "up to date";
  throw new Problem(
    /linker .* not found/.test(output)
      ? "Rust found no C linker: install one, for example with: sudo apt-get install build-essential"
      : failure,
    output,
  );
}

if (isProgram(import.meta.url)) {
  await main(() => setup({ verbose: process.argv.includes("--verbose") }));
}
