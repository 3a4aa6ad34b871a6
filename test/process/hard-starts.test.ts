// Starts where the parent lacks what it takes: each is told once, by SPAWN_FAILED and the cause, and leaves nothing.

import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { fixture, typescript } from "../support/paths.js";

interface Attempt {
  readonly what: string | number;
  readonly code: string;
  readonly message: string;
  readonly left: number;
}

/** Fails when the program says anything on stderr: an uncaught error, for example. */
async function attempts(situation: string): Promise<Attempt[]> {
  const script = 'ulimit -n 1024; exec "$0" "$@"';
  const child = spawn("sh", ["-c", script, process.execPath, ...typescript(fixture("start-attempts.ts"), situation)]);
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  const code = await new Promise((resolve) => child.once("close", resolve));
  expect({ code, stderr: output.stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(output.stdout) as Attempt[];
}

describe.skipIf(process.platform !== "linux")("a worker", () => {
  test("for which no descriptor is free, or too few, fails to start and leaves none open", async () => {
    const results = await attempts("descriptors");
    const [first, ...others] = results;
    const last = others.pop();
    expect([first, last]).toMatchObject([{ code: "started" }, { code: "started" }]);
    expect(others.filter(({ left }) => left !== 0)).toEqual([]);
    const failed = others.filter(({ code }) => code !== "started");
    expect(failed.length).toBeGreaterThan(8);
    for (const attempt of failed) {
      expect(attempt).toMatchObject({ code: "SPAWN_FAILED" });
      expect(attempt.message).toMatch(/EMFILE/);
    }
  });

  test("of a parent whose folder was deleted starts in another one, or says what is missing", async () => {
    const [without, relative, whole, missing] = await attempts("deleted-folder");
    for (const attempt of [without, relative]) {
      expect(attempt).toMatchObject({ code: "SPAWN_FAILED" });
      expect(attempt!.message).toMatch(/current folder of this process does not exist/);
    }
    expect(whole).toMatchObject({ code: "started" });
    expect(missing).toMatchObject({ code: "SPAWN_FAILED" });
    expect(missing!.message).toMatch(/there is no such program/);
  });
});
