import { spawn } from "node:child_process";
import { onExit } from "signal-exit";
import { ownsGroups } from "../streams/group-offer.js";
import { groups, killAllGroups, type OwnedGroup } from "../streams/groups.js";
import type { WorkerProcess } from "./worker-process.js";

/** One hook at the end of this process serves all groups. */
let removeHook: (() => void) | undefined;

/**
 * A worker and what it has started. On POSIX the worker leads a process group, and signals go to the group; what is left
 * of it when the worker has exited is killed at once. Programs that leave the group (`setsid`) are on their own.
 *
 * The number of a group is free again when its last member has gone, so the group is signalled only while its leader
 * runs, and once in the moment in which the leader's exit is heard.
 */
export class WorkerGroup implements OwnedGroup {
  readonly #child: WorkerProcess;
  readonly #pid: number;

  constructor(child: WorkerProcess, pid: number) {
    this.#child = child;
    this.#pid = pid;
    groups.add(this);
    removeHook ??= onExit(killAllGroups);
    child.once("exit", () => {
      groups.delete(this);
      if (ownsGroups) this.#signal("SIGKILL");
      if (groups.size > 0) return;
      removeHook?.();
      removeHook = undefined;
    });
  }

  readonly kill = (signal: NodeJS.Signals): void => {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    if (ownsGroups) this.#signal(signal);
    else killTree(this.#child, this.#pid);
  };

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#pid, signal);
    } catch {
      // Nobody is left in it, or nobody whom this process may signal.
    }
  }
}

/** Windows has no groups of this kind: its own tool follows the parents' ids. */
function killTree(child: WorkerProcess, pid: number): void {
  const tool = spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
  tool.once("error", () => child.kill("SIGKILL"));
  tool.unref();
}
