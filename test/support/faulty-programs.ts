import { fileURLToPath } from "node:url";
import { fixture } from "./paths.js";

/** A worker whose methods are the faults that workers have. */
export interface FaultyProgram {
  readonly name: "Node" | "Rust";
  readonly command: string;
  readonly args: readonly string[];
}

export const faultyNode: FaultyProgram = {
  name: "Node",
  command: process.execPath,
  args: [fixture("faulty-worker.mjs")],
};

const binary = `faulty-worker${process.platform === "win32" ? ".exe" : ""}`;

/** The twin; `npm test` builds it before the tests run. */
export const faultyRust: FaultyProgram = {
  name: "Rust",
  command: fileURLToPath(new URL(`../fixtures/faulty-rust/target/debug/${binary}`, import.meta.url)),
  args: [],
};

export const faultyPrograms: readonly FaultyProgram[] = [faultyNode, faultyRust];
