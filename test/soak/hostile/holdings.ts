import { readdirSync, readFileSync } from "node:fs";

/** What a process holds that a channel may have left behind. */
interface Holdings {
  readonly files: number;
  readonly resources: number;
  readonly listeners: number;
  readonly children: number;
  readonly timers: number;
}

const PATIENCE_MS = 1_000;

/** Timers that were set by the library and are neither due nor cleared; Node tells only of those that hold the process. */
const timers = new Map<NodeJS.Timeout, string>();

/** From now on the library's timers are known. */
export function watchTimers(): void {
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const watched = (callback: (...args: unknown[]) => void, delay?: number, ...args: unknown[]): NodeJS.Timeout => {
    const timer = set(() => {
      timers.delete(timer);
      callback(...args);
    }, delay);
    const caller = new Error().stack?.split("\n")[2] ?? "";
    if (/packages[/\\][^/\\]+[/\\](src|dist)[/\\]/.test(caller)) timers.set(timer, caller.trim());
    return timer;
  };
  globalThis.setTimeout = Object.assign(watched, set);
  globalThis.clearTimeout = (timer) => {
    timers.delete(timer as NodeJS.Timeout);
    clear(timer);
  };
}

export function holdings(): Holdings {
  return {
    files: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
    resources: process.getActiveResourcesInfo().filter((name) => !/Immediate|Timeout|FSReq/.test(name)).length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    children: process.platform === "linux" ? childCount() : 0,
    timers: timers.size,
  };
}

/** Handles are closed in a later turn: what is still held after a moment is left. */
export async function leftSince(before: Holdings): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const now = holdings();
    const left = (Object.keys(before) as (keyof Holdings)[]).filter((what) => now[what] > before[what]);
    if (left.length === 0) return [];
    if (performance.now() > deadline) {
      const found = left.map((what) => `${now[what] - before[what]} ${what} left`);
      if (left.includes("timers")) found.push(...timers.values());
      timers.clear();
      return found;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Of any thread, zombies included. */
function childCount(): number {
  return readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean),
  ).length;
}
