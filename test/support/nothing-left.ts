import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect } from "vitest";

/** Fails the file when a warning is given, or a rejection or an exception reaches the process. */
export function expectNoTrouble(): void {
  const trouble: unknown[] = [];
  const record = (what: unknown): void => void trouble.push(what);
  const events = ["warning", "unhandledRejection", "uncaughtException"];
  beforeAll(() => {
    for (const event of events) process.on(event, record);
  });
  afterAll(async () => {
    // A rejection is told after the turn in which nobody took it.
    await new Promise((resolve) => setImmediate(resolve));
    for (const event of events) process.off(event, record);
    expect(trouble).toEqual([]);
  });
}

/** What this process holds: open files, timers and handles, listeners, children. */
interface Holdings {
  readonly files: number;
  readonly active: number;
  readonly listeners: number;
}

function holdings(): Holdings {
  return {
    files: process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0,
    active: process.getActiveResourcesInfo().filter((name) => /Process|Pipe|Socket|Timeout/.test(name)).length,
    listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

/** Call it before; what it returns waits until nothing more is held than then, and fails when that does not come. */
export function expectNothingLeft(): () => Promise<void> {
  const before = holdings();
  return async () => {
    await expect
      .poll(
        () => {
          const { files, active, listeners } = holdings();
          return {
            files: files - before.files,
            active: active - before.active,
            listeners: listeners - before.listeners,
          };
        },
        { timeout: 5_000 },
      )
      .toSatisfy(({ files, active, listeners }: Holdings) => files <= 0 && active <= 0 && listeners <= 0);
  };
}
