import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Placement } from "./rivals/contract.js";

/** Of util-linux. */
const TASKSET = "taskset";

/** The two CPUs of a pinned scenario. */
export interface CpuPair {
  readonly parent: number;
  readonly worker: number;
}

/**
 * The CPUs for parent and worker, or why there is no pinning. On two CPUs each side must wake the other's, on one
 * neither has to; the scheduler's choice between the two, not the program, would decide what is measured.
 */
export function findCpuPair(): CpuPair | { readonly unpinned: string } {
  if (process.platform !== "linux") return { unpinned: "taskset is a program of Linux" };
  if (spawnSync(TASKSET, ["--version"]).error !== undefined) return { unpinned: "taskset (util-linux) is missing" };
  const [parent, worker] = allowedCpus();
  if (parent === undefined || worker === undefined) return { unpinned: "there is only one CPU" };
  return { parent, worker };
}

/** Starts programs on one CPU; anywhere when there is none. */
export function placedOn(cpu: number | undefined): Placement {
  if (cpu === undefined) return { command: (file, ...args) => ({ file, args }), thread: () => undefined };
  const list = String(cpu);
  return {
    command: (file, ...args) => ({ file: TASKSET, args: ["--cpu-list", list, file, ...args] }),
    thread: (id) => void spawnSync(TASKSET, ["--cpu-list", "--pid", list, String(id)]),
  };
}

/** From a line such as `Cpus_allowed_list: 0-3,8`. */
function allowedCpus(): number[] {
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? "";
  return list.split(",").flatMap((range) => {
    const [first = NaN, last = first] = range.split("-").map(Number);
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
