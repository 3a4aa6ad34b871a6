import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  /** Processes that wanted a CPU in the last minute before the run; 0 where the system doesn't say. */
  readonly load: number;
}

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()} ${process.arch}`,
    node: process.version,
    load: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

export function machineInWords({ cpu, cores, memoryGiB, system, node, load }: Machine): string {
  const busy = load > cores / 4 ? `; other programs are running (load ${load}): trust the ratios only` : "";
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, Node ${node}${busy}`;
}

/** Where the repository stands, with a `+` when something is not committed; `undefined` outside of a clone. */
export function describeCommit(): string | undefined {
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" });
    return status === 0 ? stdout.trim() : undefined;
  };
  const commit = git("rev-parse", "--short", "HEAD");
  return commit === undefined ? undefined : commit + (git("status", "--porcelain") === "" ? "" : "+");
}
