import { fork, type ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { memoryOf } from "../procfs.js";
import { MAX_MEMORY_MIB, type Cell } from "./contract.js";

const BENCH = fileURLToPath(new URL("../..", import.meta.url));
const CELL = fileURLToPath(new URL("cell.ts", import.meta.url));
/** Its variable tells whose processes are left. */
const MARK = "PROCWIRE_FAULTS_MARK";
/** A start, two requests and a close may hang, each to its deadline. */
const PATIENCE_MS = 45_000;
const LOOK_EVERY_MS = 50;
const LEFT_AFTER_MS = 1_000;

/** Runs one cell under a watchdog, and ends what is left of it. */
export async function runCell(client: string, fault: string): Promise<Cell> {
  const mark = randomUUID();
  const child = fork(CELL, [client, fault], {
    // Whoever asks may run without the loader.
    cwd: BENCH,
    execArgv: ["--import", "tsx"],
    env: { ...process.env, [MARK]: mark, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const parts: Partial<Cell> = {};
  child.on("message", (part) => Object.assign(parts, part));
  const died = await endOf(child);
  // Those that are on their way out are given their second.
  const deadline = performance.now() + LEFT_AFTER_MS;
  while (marked(mark).length > 0 && performance.now() < deadline) await pause(LOOK_EVERY_MS);
  const left = marked(mark);
  for (const pid of left) process.kill(pid, "SIGKILL");
  return { client, fault, ...parts, ...(died === undefined ? {} : { died }), left: left.length };
}

/** How it ended, if not by being done. */
async function endOf(child: ChildProcess): Promise<string | undefined> {
  const since = performance.now();
  let reason: string | undefined;
  const watchdog = setInterval(() => {
    const { now = 0 } = memoryOf(child.pid ?? 0) ?? {};
    if (now > MAX_MEMORY_MIB * 2 ** 20) reason = `above ${MAX_MEMORY_MIB} MiB`;
    else if (performance.now() - since > PATIENCE_MS) reason = "stalled";
    else return;
    clearInterval(watchdog);
    child.kill("SIGKILL");
  }, LOOK_EVERY_MS);
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  clearInterval(watchdog);
  return reason ?? (code === 0 ? undefined : (signal ?? `exit code ${code ?? "unknown"}`));
}

/** The processes that carry the mark; none where the system doesn't say. */
function marked(mark: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && carries(name, mark))
    .map(Number);
}

function carries(pid: string, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`${MARK}=${mark}`);
  } catch {
    return false;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
