import { expect, test } from "vitest";
import { runSessions, workerFile, type Found } from "../../scripts/lib/sessions.mjs";
import { FROM_SOURCES, rustWorker, typescript } from "../support/paths.js";

test.skipIf(process.platform !== "linux")(
  "the sessions for other runtimes pass on this one, whose parent and workers run from the sources",
  { timeout: 120_000 },
  async () => {
    const found: Found = await runSessions({ program: process.execPath, args: [...FROM_SOURCES] }, [
      { name: "Rust", command: rustWorker, args: [], hasNodeApi: false },
      { name: "Node", command: process.execPath, args: typescript(workerFile), hasNodeApi: true },
    ]);
    expect(found.problems).toEqual([]);
    expect(found.passed).toBeGreaterThan(30);
  },
);
