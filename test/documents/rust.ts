/**
 * The Rust code of the documents, compiled against the library that `npm test` has built: cargo itself would build the
 * library once more for a project outside of the workspace, which takes a minute. What cargo has to find out, whether
 * the dependencies and features of a `Cargo.toml` exist, it is asked for.
 */
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../../scripts/lib/workspace.mjs";
import { root } from "../support/paths.js";
import type { Block } from "./blocks.js";
import type { Ended, Place } from "./place.js";

const workspace = join(root, "rust-worker");
const target = join(workspace, "target");

interface Artifact {
  readonly reason: string;
  readonly target: { readonly name: string };
  readonly filenames: readonly string[];
}

/** Where a binary lies after `cargo build --release`, so that the page's other blocks find it: `NAME/src/main.rs`. */
function binaryOf(place: Place, { page, file }: Block): string {
  const [project = "", ...rest] = file.split("/");
  const folder = rest.length > 0 ? [project, "target", "release"] : ["target"];
  const extension = process.platform === "win32" ? ".exe" : "";
  return join(place.folderOf(page), ...folder, `${project.replace(/\.rs$/, "")}${extension}`);
}

/** The paths of the built libraries, by their names. */
export async function builtLibraries(place: Place): Promise<ReadonlyMap<string, string>> {
  const args = ["build", "--release", "--locked", "--target-dir", "target", "--message-format=json"];
  const { stdout } = await place.run("cargo", args, workspace);
  const artifacts = stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Artifact)
    .filter(({ reason }) => reason === "compiler-artifact");
  return new Map(
    artifacts.map(({ target, filenames }) => [target.name, filenames.find((file) => file.endsWith(".rlib")) ?? ""]),
  );
}

/**
 * Compiles a program of a project, or checks one that stands alone. Linking takes seconds of CPU time, so a program is
 * kept for as long as neither it nor the library changes.
 */
export async function compile(place: Place, block: Block, libraries: ReadonlyMap<string, string>): Promise<Ended> {
  const externs = ["procwire", "serde", "serde_json"].flatMap((name) => {
    const path = libraries.get(name);
    return path === undefined ? [] : ["--extern", `${name}=${path}`];
  });
  const search = ["-L", `dependency=${join(target, "release", "deps")}`];
  const args = ["--edition", "2024", "-D", "warnings", block.file, ...externs, ...search];
  const folder = place.folderOf(block.page);
  if (!block.file.includes("/")) return place.run("rustc", [...args, "--emit=metadata"], folder);
  const kept = join(cacheDirectory, "documents", hashOf(block.code, libraries.get("procwire") ?? ""));
  if (!existsSync(kept)) {
    const ended = await place.run("rustc", [...args, "-o", `${kept}.new`], folder);
    if (ended.code !== 0 || ended.stderr !== "") return ended;
    renameSync(`${kept}.new`, kept);
  }
  const output = binaryOf(place, block);
  mkdirSync(dirname(output), { recursive: true });
  copyFileSync(kept, output);
  return { code: 0, stdout: "", stderr: "" };
}

function hashOf(code: string, library: string): string {
  mkdirSync(join(cacheDirectory, "documents"), { recursive: true });
  return createHash("sha256").update(code).update(readFileSync(library)).digest("hex").slice(0, 16);
}

/** Whether cargo finds what the manifest names. The versions are those of the workspace, so that nothing is fetched. */
export async function resolve(place: Place, { page, file }: Block): Promise<Ended> {
  const folder = dirname(join(place.folderOf(page), file));
  copyFileSync(join(workspace, "Cargo.lock"), join(folder, "Cargo.lock"));
  return place.run("cargo", ["tree", "--offline", "--edges", "normal,features"], folder);
}
