import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL("..", import.meta.url));
const suffix = process.platform === "win32" ? ".exe" : "";

/** The compute worker; built by the set-up that runs before the benchmark. */
export const rustWorker: string = join(bench, "..", "rust-worker", "target", "release", `rust-worker${suffix}`);

/** One of the programs in bench/rust. */
export function benchProgram(name: "raw-echo" | "hand-loop"): string {
  return join(bench, "rust", "target", "release", name + suffix);
}

/** A worker in plain JavaScript: it runs without a loader that could slow it down. */
export function workerScript(name: string): string {
  return join(bench, "src", "workers", name);
}

/** Builds bench/rust; takes a moment when it is built already. Rejects with what cargo printed. */
export function buildBenchPrograms(): Promise<void> {
  const args = ["build", "--release", "--locked", "--target-dir", "target"];
  return new Promise((resolve, reject) => {
    const cargo = spawn("cargo", args, { cwd: join(bench, "rust"), stdio: ["ignore", "ignore", "pipe"] });
    let printed = "";
    cargo.stderr.setEncoding("utf8").on("data", (text: string) => (printed += text));
    cargo.once("error", (error) => reject(new Error(`cargo did not start: ${error.message}`)));
    cargo.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`bench/rust did not build:\n${printed}`));
    });
  });
}

export function assertRustWorkerBuilt(): void {
  if (existsSync(rustWorker)) return;
  throw new Error("The Rust worker is not built: start the benchmark by `npm run bench`, which does that");
}
