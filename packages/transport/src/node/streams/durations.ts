import { MAX_TIMER_MS } from "../../limits.js";

/**
 * Calls back after so many milliseconds, however many these are. Returns a function that takes it back.
 *
 * @param keepsAlive false: the process may end before
 */
export function startTimer(callback: () => void, milliseconds: number, keepsAlive = true): () => void {
  let timer: NodeJS.Timeout | undefined;
  const arm = (left: number): void => {
    if (left === Infinity) return;
    const next = (): void => {
      if (left <= MAX_TIMER_MS) callback();
      else arm(left - MAX_TIMER_MS);
    };
    timer = setTimeout(next, Math.min(left, MAX_TIMER_MS));
    if (!keepsAlive) timer.unref();
  };
  arm(milliseconds);
  return () => {
    clearTimeout(timer);
  };
}

/** Resolves after so many milliseconds, never for Infinity. It keeps no process alive. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => void startTimer(resolve, milliseconds, false));
}
