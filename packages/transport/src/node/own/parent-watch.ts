import { Worker } from "node:worker_threads";
import type { Parent } from "./parent.js";

/** How often the watcher looks, and how long it lets the worker end by itself: an orphan is gone within a second. */
const CHECK_MS = 150;
const LAST_CHANCE_MS = 300;

/**
 * Runs beside the program, because a handler that computes keeps the program's own loop from hearing that its input has
 * ended. An orphan on Unix gets another parent; on Windows its parent's id stops being a process.
 */
const WATCHER = `
import { workerData } from "node:worker_threads";
const { parent, former, victim, checkMs, lastChanceMs } = workerData;
const isGone = () => {
  if (process.ppid !== parent) return true;
  const asked = process.platform === "win32" ? parent : former;
  if (asked === undefined) return false;
  try {
    process.kill(asked, 0);
    return false;
  } catch (error) {
    return error.code === "ESRCH";
  }
};
const timer = setInterval(() => {
  if (!isGone()) return;
  clearInterval(timer);
  setTimeout(() => process.kill(victim, "SIGKILL"), lastChanceMs);
}, checkMs);
`;

/**
 * From now on this process does not outlive its parent by more than a moment, whatever its handlers do; nor does its
 * group, where it has been given one.
 */
export function watchParent(parent: Parent): void {
  const watcher = new Worker(new URL(`data:text/javascript,${encodeURIComponent(WATCHER)}`), {
    workerData: {
      parent: parent.pid,
      former: parent.former,
      victim: parent.hasMadeGroup ? -process.pid : process.pid,
      checkMs: CHECK_MS,
      lastChanceMs: LAST_CHANCE_MS,
    },
    execArgv: [],
    // It needs next to nothing; without limits V8 would reserve for it what a program gets.
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  watcher.unref();
  // Without it the worker still ends with its input, unless a handler computes for ever.
  watcher.on("error", () => undefined);
}
