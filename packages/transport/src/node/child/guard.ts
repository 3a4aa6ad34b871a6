import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Writable } from "node:stream";
import { ChannelError } from "../../errors.js";
import { assertFreeDescriptors } from "./free-descriptors.js";
import type { WorkerProcess } from "./worker-process.js";

/**
 * What the guard runs: it hears of each worker by a pipe, and when the pipe ends, this process is gone. It asks nobody
 * politely then: who would end by the end of its stdin has had that.
 */
const PROGRAM = `
const { spawnSync } = require("node:child_process");
const pids = new Set();
let rest = "";
process.stdin.setEncoding("latin1").on("data", (text) => {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    if (line[0] === "+") pids.add(Number(line.slice(1)));
    else pids.delete(Number(line.slice(1)));
  }
});
const finish = () => {
  for (const pid of pids) {
    try {
      if (process.platform === "win32") spawnSync("taskkill", ["/pid", String(pid), "/t", "/f"]);
      else process.kill(-pid, "SIGKILL");
    } catch {}
  }
  process.exit();
};
// In Deno stdin ends, and does not close.
process.stdin.on("error", () => undefined).on("end", finish).on("close", finish);
`;

/** A guard that does not live this long is not started again: it would not live longer the next time. */
const SHORT_LIFE_MS = 1_000;

/** One worker's share in the guard. */
export interface GuardLease {
  /** Resolves when the guard runs. Rejects with `SPAWN_FAILED`. */
  readonly ready: Promise<void>;
  /** From now on the worker is guarded, until its exit ends the lease. */
  watch(child: WorkerProcess): void;
  end(): void;
}

/** The pipe to a child is a socket, which can let the process go; in Bun it is a stream that never holds it. */
type Refable = Writable & { unref?(): void };

interface Guard {
  readonly child: ChildProcessByStdio<Writable, null, null>;
  readonly ready: Promise<void>;
}

const leases = new Set<GuardLease>();
const pids = new Set<number>();
let guard: Guard | undefined;

/** The guard is started for the first lease, and ends with the last one. */
export function leaseGuard(): GuardLease {
  guard ??= startGuard();
  const { ready } = guard;
  const lease: GuardLease = {
    ready,
    watch(child) {
      const { pid } = child;
      if (pid === undefined) return;
      tell("+", pid);
      child.once("exit", () => {
        tell("-", pid);
        lease.end();
      });
    },
    end() {
      if (leases.delete(lease) && leases.size === 0) endGuard();
    },
  };
  leases.add(lease);
  return lease;
}

/** Written at once: what is in the pipe is read by the guard even if this process is killed right now. */
function tell(sign: "+" | "-", pid: number): void {
  if (sign === "+") pids.add(pid);
  else pids.delete(pid);
  guard?.child.stdin.write(`${sign}${pid}\n`);
}

function endGuard(): void {
  guard?.child.stdin.end();
  guard = undefined;
}

/** It hears of all that there is to guard. */
function startGuard(): Guard {
  try {
    assertFreeDescriptors(1);
  } catch (error) {
    throw guardFailed(error);
  }
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ["--eval", PROGRAM], {
    stdio: ["pipe", "ignore", "ignore"],
    // Neither a key at the terminal nor the end of a group may take it along with what it guards against.
    detached: true,
    windowsHide: true,
    cwd: "/",
    env,
  });
  const started: Guard = { child, ready: hasStarted(child) };
  // It must not keep this process alive.
  child.unref();
  (child.stdin as Refable).unref?.();
  // Its end is heard from the process.
  child.stdin.on("error", () => undefined);
  for (const pid of pids) child.stdin.write(`+${pid}\n`);
  const startedAt = performance.now();
  child.once("exit", () => {
    if (guard !== started) return;
    guard = undefined;
    if (performance.now() - startedAt > SHORT_LIFE_MS) replaceGuard();
  });
  return started;
}

/** Somebody has ended it. */
function replaceGuard(): void {
  try {
    guard = startGuard();
    guard.ready.catch(() => undefined);
  } catch {
    // No descriptor is free. The next worker that is to be guarded starts it, or fails to start by it.
  }
}

function hasStarted(child: Guard["child"]): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve).once("error", (error) => {
      if (guard?.child === child) guard = undefined;
      reject(guardFailed(error));
    });
  });
}

function guardFailed(cause: unknown): ChannelError {
  const message = `Cannot start the guard of the worker (option guard): ${(cause as Error).message}.`;
  return new ChannelError("SPAWN_FAILED", message, { cause, delivery: "not-sent" });
}
