import { startTimer } from "../streams/durations.js";
import type { WorkerProcess } from "./worker-process.js";

/** Waits for the process to exit, at most so long; tells whether it has. */
export function waitForExit(child: WorkerProcess, milliseconds: number): Promise<boolean> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (hasExited: boolean): void => {
      stopTimer();
      child.off("exit", onExit);
      resolve(hasExited);
    };
    const onExit = (): void => {
      settle(true);
    };
    const onTimeUp = (): void => {
      settle(false);
    };
    const stopTimer = startTimer(onTimeUp, milliseconds);
    child.once("exit", onExit);
  });
}
