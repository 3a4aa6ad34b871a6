/** Three places for the work of a service: its event loop, a thread, and a pool of Rust workers. */

import { fileURLToPath } from "node:url";
import { createStdioPool } from "@procwire/transport";
import { Piscina } from "piscina";
import workInJavaScript from "./work.mjs";

export interface Way {
  readonly name: string;
  run(method: string, params: object): Promise<unknown>;
  /** Lets what is under way finish, and ends the rest. */
  drain(): Promise<void>;
}

const SIZE = 2;
const binary = process.platform === "win32" ? "rust-worker.exe" : "rust-worker";
const builtHere = fileURLToPath(new URL(`../../../rust-worker/target/release/${binary}`, import.meta.url));
const rustWorker = process.env["PROCWIRE_RUST_WORKER"] ?? builtHere;

export function inTheLoop(): Promise<Way> {
  return Promise.resolve({
    name: "in the loop",
    run: (method, params) => Promise.resolve(workInJavaScript({ method, params })),
    drain: () => Promise.resolve(),
  });
}

export function inThreads(): Promise<Way> {
  const filename = new URL("./work.mjs", import.meta.url).href;
  const threads = new Piscina<object, unknown>({ filename, minThreads: SIZE, maxThreads: SIZE, execArgv: [] });
  return Promise.resolve({
    name: "in threads (piscina)",
    run: (method, params) => threads.run({ method, params }),
    drain: () => threads.close(),
  });
}

export async function inPool(): Promise<Way> {
  const pool = await createStdioPool(rustWorker, { args: ["--quiet", "--threads", "1"], size: SIZE, timeout: 10_000 });
  return {
    name: "in a pool (Rust)",
    run: (method, params) => pool.request(method, method === "hash" ? { ...params, algorithm: "sha256" } : params),
    drain: () => pool.drain(),
  };
}
