import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** Where `bundle-programs.ts` puts what it makes. */
export const BUNDLES: string = join(root, "node_modules/.cache/procwire/programs");

/** The arguments with which Node loads TypeScript, and the packages from their sources. */
export const FROM_SOURCES: readonly string[] = ["--conditions=procwire-source", "--import", "tsx"];

/** The Rust worker; `npm test` builds it before the tests run. */
export const rustWorker: string = fileURLToPath(
  new URL(`../../rust-worker/target/release/rust-worker${process.platform === "win32" ? ".exe" : ""}`, import.meta.url),
);

/** A program of the Rust library's, `rust-worker/procwire/examples`, built like the worker. */
export function rustExample(name: string): string {
  const file = `${name}${process.platform === "win32" ? ".exe" : ""}`;
  return fileURLToPath(new URL(`../../rust-worker/target/release/examples/${file}`, import.meta.url));
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** The bundle of a program of this repository, if one was made. */
export function bundleOf(file: string): string {
  return join(BUNDLES, relative(root, resolve(root, file)).replace(/\.m?[jt]s$/, ".mjs"));
}

/** The arguments with which Node runs a TypeScript file against the sources of the packages; bundled, in a test run. */
export function typescript(file: string, ...args: readonly string[]): string[] {
  // Vitest sets it, and the processes it starts have it from there: by other ways a bundle may be an old one.
  const bundle = process.env["VITEST"] === undefined ? undefined : bundleOf(file);
  return bundle !== undefined && existsSync(bundle) ? [bundle, ...args] : [...FROM_SOURCES, file, ...args];
}
