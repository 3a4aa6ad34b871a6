import { expect, test } from "vitest";
import { runSessions, workerFile, type Found } from "../../scripts/lib/sessions.mjs";
import { rustWorker, typescript } from "../support/paths.js";

test.skipIf(process.platform !== "linux")(
  "the sessions for other runtimes pass on this one, whose parent and workers run from the sources",
  { timeout: 120_000 },
  async () => {
    const [conditions, loader, tsx, file] = typescript(workerFile) as [string, string, string, string];
    const sources = [conditions, loader, tsx];
    const found: Found = await runSessions({ program: process.execPath, args: sources }, [
      { name: "Rust", command: rustWorker, args: [], hasNodeApi: false },
      { name: "Node", command: process.execPath, args: [...sources, file], hasNodeApi: true },
    ]);
    expect(found.problems).toEqual([]);
    expect(found.passed).toBeGreaterThan(30);
  },
);
