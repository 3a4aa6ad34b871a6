import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { root, typescript } from "../../../test/support/paths.js";
import { runNode } from "../../../test/support/run.js";
import { parentScenarios, workerFaults } from "../src/index.js";
import { badWorker } from "./support.js";

const run = (...args: string[]): ReturnType<typeof runNode> =>
  runNode(typescript(join(root, "packages/faults/src/cli.ts"), ...args));

test("list names all faults and scenarios", async () => {
  const { code, stdout } = await run("list");
  expect(code).toBe(0);
  for (const { name, what } of [...workerFaults(), ...parentScenarios()]) {
    expect(stdout).toMatch(new RegExp(`^  ${name}[ \\[]`, "m"));
    expect(stdout).toContain(what);
  }
});

test("worker is the misbehaving worker", async () => {
  const { code, stderr } = await run("worker", "exit-at-once=7");
  expect({ code, stderr }).toEqual({ code: 7, stderr: "I can't work like this\n" });
});

describe.skipIf(process.platform === "win32")("parent", () => {
  test("says what a good worker did, and ends with 0", async () => {
    const { code, stdout } = await run("parent", "not-json", "ids", "--", process.execPath, badWorker);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ok {6}not-json .* answered 5 x -32700 to 5 frames; serves on; exited with 0 \d+ ms after/m,
    );
    expect(stdout).toContain("\n2 passed, 0 failed\n");
  });

  test("says what a bad worker did, writes it as JUnit does, and ends with 1", async () => {
    const folder = mkdtempSync(join(tmpdir(), "procwire-faults-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "junit.xml");
    const worker = [process.execPath, badWorker, "throws on bad JSON"];
    const { code, stdout } = await run("parent", "not-json", "ids", "--junit", file, "--", ...worker);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAILED {2}not-json .* exited with 1/m);
    expect(stdout).toContain("not-json: under a parent that sends frames that are no JSON, a worker serves on\n");
    const junit = readFileSync(file, "utf8");
    expect(junit).toContain('<testsuite name="procwire-faults parent" tests="2" failures="1">');
    expect(junit).toContain('<failure message="exited with 1">');
    expect(junit).toMatch(/<testcase classname="procwire-faults.ids" name="[^"]+" time="\d+\.\d{3}" \/>/);
  });
});

test.each([
  [["nonsense"], "There is no command nonsense: it is worker, parent or list."],
  [["parent", "not-json"], "Name the worker after --"],
  [["parent", "no-such", "--", "true"], "There is no scenario no-such"],
  [["parent", "announces-nonsense", "--", "true"], "announces-nonsense makes no sense with --framing line."],
  [["parent", "--framing", "lines", "--", "true"], '--framing must be line, content-length or length, not "lines".'],
  [["parent", "--hello", "dap", "--", "true"], '--hello must be none, mcp or lsp, not "dap".'],
  [["parent", "--params", "{", "--", "true"], "--params must be JSON, not {"],
  [["parent", "--patience", "0", "--", "true"], "--patience must be a whole number above 0, not 0."],
  [["parent", "--wrong", "--", "true"], "'--wrong'"],
])("a wrong command, %j, is told and ends with 2", async (args, problem) => {
  const { code, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(problem) as string });
});
