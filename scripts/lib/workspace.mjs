// Where things are in the repository, and what a set of files hashes to.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const rustDirectory = join(root, "rust-worker");
export const faultyDirectory = join(root, "test", "fixtures", "faulty-rust");
export const rustParentDirectory = join(root, "examples", "rust-parent");
export const cacheDirectory = join(root, "node_modules", ".cache", "procwire");

/**
 * @typedef {object} Manifest
 * @property {string} name
 * @property {string} [packageManager]
 * @property {string | Record<string, string>} [bin]
 * @property {Record<string, string>} [dependencies]
 * @property {Record<string, string>} [devDependencies]
 * @property {Record<string, string>} [peerDependencies]
 */

/**
 * @param {string} directory
 * @returns {Manifest}
 */
export function readManifest(directory) {
  return JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
}

/** Every workspace project but the root: the globs of pnpm-workspace.yaml, spelled out. */
export function workspaceDirectories() {
  const candidates = [
    ...subdirectories(join(root, "packages")),
    ...subdirectories(join(root, "examples")),
    join(root, "test"),
    join(root, "bench"),
  ];
  return candidates.filter((directory) => existsSync(join(directory, "package.json")));
}

/**
 * The packages meant for publishing, each after the ones it depends on.
 * @returns {{ directory: string, manifest: Manifest, dependsOn: string[] }[]}
 */
export function packagesInBuildOrder() {
  const all = subdirectories(join(root, "packages"))
    .filter((directory) => existsSync(join(directory, "package.json")))
    .map((directory) => ({ directory, manifest: readManifest(directory) }));
  const names = all.map(({ manifest }) => manifest.name);
  const waiting = all.map(({ directory, manifest }) => ({
    directory,
    manifest,
    dependsOn: names.filter((name) => name in dependenciesOf(manifest)),
  }));

  /** @type {typeof waiting} */
  const ordered = [];
  while (waiting.length > 0) {
    const next = waiting.findIndex(({ dependsOn }) =>
      dependsOn.every((name) => ordered.some(({ manifest }) => manifest.name === name)),
    );
    if (next === -1) throw new Error("the packages depend on each other in a circle");
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}

/**
 * The JavaScript file behind a command of an installed package: run with `process.execPath`,
 * it needs no shell and no `.cmd` file on any platform.
 * @param {string} packageName
 * @param {string} [command]
 */
export function commandFile(packageName, command = packageName) {
  const directory = join(root, "node_modules", packageName);
  const { bin } = readManifest(directory);
  const file = typeof bin === "string" ? bin : bin?.[command];
  if (file === undefined) throw new Error(`${packageName} has no command named ${command}`);
  return join(directory, file);
}

/**
 * One hash over the names and contents of files and of everything in folders; absent ones count as absent.
 * @param {string[]} paths
 */
export function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths.flatMap(filesUnder).sort()) {
    hash
      .update(`${relative(root, path)}\0`)
      .update(readFileSync(path))
      .update("\0");
  }
  return hash.digest("hex");
}

/**
 * A remembered text under node_modules/.cache; gone with node_modules, as it should be.
 * @param {string} name
 */
export function stamp(name) {
  const path = join(cacheDirectory, `${name}.stamp`);
  return {
    /** @param {string} value */
    equals: (value) => existsSync(path) && readFileSync(path, "utf8") === value,
    /** @param {string} value */
    write(value) {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, value);
    },
  };
}

/**
 * @param {Manifest} manifest
 * @returns {Record<string, string>}
 */
export function dependenciesOf(manifest) {
  return {
    ...manifest.dependencies,
    ...manifest.devDependencies,
    ...manifest.peerDependencies,
  };
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesUnder(path) {
  if (!existsSync(path)) return [];
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)],
    );
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOTDIR") return [path];
    throw error;
  }
}

/** @param {string} path */
function subdirectories(path) {
  if (!existsSync(path)) return [];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(path, entry.name))
    .sort();
}
