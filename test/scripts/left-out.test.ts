// What `npm test` says of what it did not run.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { filesInWords, skippedInWords } from "../../scripts/lib/left-out.mjs";
import { step } from "../../scripts/lib/run.mjs";
import { root } from "../support/paths.js";

function reportOf(...tests: readonly (readonly [status: string, fullName: string])[]): string {
  const assertionResults = tests.map(([status, fullName]) => ({ status, fullName }));
  return JSON.stringify({
    testResults: [{ name: join(root, "test/some.test.ts"), status: "passed", assertionResults }],
  });
}

describe("a run of some files", () => {
  test("says how many it left out", () => {
    const words = filesInWords(reportOf(["passed", "works"]), ["some"], 120);
    expect(words).toBe("1 of 120 test files ran; 119 and cargo's tests were left out.");
  });

  test("counts the files that vitest would run", () => {
    const [, total = ""] = /of (\d+) test files/.exec(filesInWords(reportOf(["passed", "works"]), ["some"])) ?? [];
    expect(Number(total)).toBe(testFiles().length);
  });

  test("says so when no file matches", () => {
    const words = filesInWords(JSON.stringify({ testResults: [] }), ["nobody"]);
    expect(words).toContain("No test file matches nobody");
  });
});

describe("a skipped test", () => {
  test("is named at the end, with its reason", () => {
    const name = "works with Python (skipped, because there is no python3 here)";
    expect(skippedInWords(reportOf(["skipped", name], ["passed", "works"]))).toEqual([
      `skipped: ${join("test", "some.test.ts")}: ${name}`,
    ]);
  });

  test("that has no reason in its name was skipped for the system", () => {
    expect(skippedInWords(reportOf(["pending", "ends by a signal"]))).toEqual([
      `skipped: ${join("test", "some.test.ts")}: ends by a signal (because this is ${process.platform})`,
    ]);
  });

  test("that -t did not name is none", () => {
    expect(skippedInWords(reportOf(["skipped", "works"]), ["some", "-t", "other"])).toEqual([]);
  });

  test("is skipped for the system, or gives its reason: every one in the sources", () => {
    // The condition, and the name below it.
    const conditions = testFiles().flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/(?:\.(?:skipIf|runIf)|\b(?:test|describe)\.skip)\(.+\n.*/g)].map(
        ([lines]) => `${file}: ${lines}`,
      ),
    );
    const silent = conditions.filter((lines) => !/process\.platform|because|\$\{why|reason !== undefined/.test(lines));
    expect(silent).toEqual([]);
    expect(conditions.length).toBeGreaterThan(10);
  });
});

test("a long step whose output is no terminal shows that it lives", async () => {
  let printed = "";
  let printedOften = (): void => undefined;
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    if (printed.split(" ... ").length > 3) printedOften();
    return true;
  });
  const wasTerminal = process.stdout.isTTY;
  process.stdout.isTTY = false;
  try {
    await step("computing", () => new Promise<void>((resolve) => (printedOften = resolve)), 5);
  } finally {
    write.mockRestore();
    process.stdout.isTTY = wasTerminal;
  }
  expect(printed).toMatch(/^computing \.\.\. (?:\d+\.\d s \.\.\. ){2,}\d+\.\d s\n$/);
});

function testFiles(): string[] {
  const packages = readdirSync(join(root, "packages")).map((name) => join(root, "packages", name, "test"));
  return [...packages, join(root, "test")].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts") && !/node_modules|[\\/]target[\\/]/.test(name))
      .map((name) => join(folder, name)),
  );
}
