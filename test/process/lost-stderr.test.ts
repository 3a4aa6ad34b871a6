// Whose stderr nobody reads any more, or ever: `parent 2>&1 | head`.

import { spawn } from "node:child_process";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { writeToStderr } from "../../packages/transport/src/node/streams/own-stderr.js";
import { fixture, typescript } from "../support/paths.js";

describe("a stderr that has lost its reader", () => {
  test("is no reason for a parent to end: its workers' lines, noise and errors go nowhere", async () => {
    const child = spawn(process.execPath, typescript(fixture("logging-parent.ts")));
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.destroy();
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, stdout }).toEqual({ code: 0, stdout: "served lll\n" });
  });

  test("is no reason for a worker to end", async () => {
    const child = spawn(process.execPath, typescript(fixture("slow-worker.ts")));
    onTestFinished(() => void child.kill("SIGKILL"));
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.destroy();
    for (let id = 1; id <= 5; id++) {
      child.stdin.write(`{"jsonrpc":"2.0","id":${id},"method":"warn"}\n`);
      await expect.poll(() => stdout, { timeout: 10_000 }).toContain(`"id":${id},"result":"warned"`);
    }
    child.stdin.end();
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  });
});

test("a stderr that is not read holds a part of the log only, and says what it has dropped", () => {
  const written: (string | Uint8Array)[] = [];
  vi.spyOn(process.stderr, "write").mockImplementation((chunk: string | Uint8Array) => written.push(chunk) > 0);
  const length = vi.spyOn(process.stderr, "writableLength", "get").mockReturnValue(2 ** 21);
  writeToStderr("lost");
  writeToStderr(Buffer.from("too"));
  length.mockReturnValue(0);
  writeToStderr("kept");
  writeToStderr("as well");
  expect(written).toEqual([expect.stringContaining("7 bytes of log were dropped") as string, "kept", "as well"]);
});
