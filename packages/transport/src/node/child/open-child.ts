import { readFileSync } from "node:fs";
import type { OpenedLink } from "../../supervise/contract.js";
import { ChildLink } from "./child-link.js";
import type { Shutdown } from "./shutdown.js";
import type { SpawnOptions } from "./spawn-options.js";
import { spawnWorker } from "./spawn-worker.js";
import { StderrReader, type StderrOption } from "./stderr.js";
import { vitalsOf } from "./vitals.js";

/** How every worker of a channel is started. */
export interface ChildOptions {
  readonly stderr: StderrOption;
  readonly stderrTailBytes: number;
  readonly shutdown: Shutdown;
  readonly spinUs: number;
  readonly onError: (error: unknown) => void;
}

/** A worker that runs, and the link to it. */
export interface OpenedChild extends Omit<OpenedLink, "link"> {
  readonly link: ChildLink;
}

/** Starts a worker. Rejects with `SPAWN_FAILED` when it can't be started. */
export async function openChild(
  command: string | URL,
  spawn: SpawnOptions,
  { stderr, stderrTailBytes, shutdown, spinUs, onError }: ChildOptions,
): Promise<OpenedChild> {
  const worker = await spawnWorker(command, spawn);
  const { pid, stderr: stderrStream } = worker.child;
  const reader = new StderrReader(stderrStream, stderr, stderrTailBytes, onError);
  return {
    pid,
    link: new ChildLink(worker, reader, shutdown, spinUs),
    kill: () => {
      worker.kill("SIGKILL");
    },
    vitals: () => (pid === undefined ? undefined : vitalsOf(pid)),
    memoryBytes: () => (pid === undefined ? undefined : memoryOf(pid)),
  };
}

/** What Linux says that a process holds in memory; `undefined` elsewhere, and when there is none. */
function memoryOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  } catch {
    // It has gone, or `/proc` may not be read.
    return undefined;
  }
}
