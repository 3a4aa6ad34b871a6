import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

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

/** The arguments with which Node runs a TypeScript file against the sources of the packages. */
export function typescript(file: string, ...args: readonly string[]): string[] {
  return ["--conditions=procwire-source", "--import", "tsx", file, ...args];
}
