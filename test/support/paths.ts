import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

/** The Rust worker; `npm test` builds it before the tests run. */
export const rustWorker: string = released("rust-worker");

/** The Rust worker of the conformance sessions; `npm test` builds it, too. */
export const conformanceWorker: string = released("examples/conformance");

function released(name: string): string {
  const suffix = process.platform === "win32" ? ".exe" : "";
  return fileURLToPath(new URL(`../../rust-worker/target/release/${name}${suffix}`, import.meta.url));
}

export function fixture(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/** The arguments with which Node runs a TypeScript file against the sources of the packages. */
export function typescript(file: string, ...args: readonly string[]): string[] {
  return ["--conditions=procwire-source", "--import", "tsx", file, ...args];
}
