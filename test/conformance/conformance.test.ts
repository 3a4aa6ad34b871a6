/** The sessions of the protocol, played to the workers of every language, and to some that break its rules. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { conformanceWorker, root, typescript } from "../support/paths.js";
import { python, pythonWorker, whyNoPython } from "../support/python.js";
import { junit } from "./runner/junit.mjs";
import { runSessions } from "./runner/run.mjs";
import { VARIANTS } from "./runner/wire.mjs";

const EITHER = ["--framing", "{framing}", "--codec", "{codec}"];
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const WORKERS: readonly (readonly [string, readonly string[], string])[] = [
  ["Node", [process.execPath, ...typescript(file("workers/worker.mjs")), ...EITHER], ""],
  ["Rust", [conformanceWorker, ...EITHER], ""],
  ["Python", [python ?? "", pythonWorker, ...EITHER], whyNoPython],
];
/** One variant for each codec, which plays the shared vectors, too. */
const FIRST = ["json", "msgpack"].map((codec) => VARIANTS.find((variant) => variant.codec === codec));
const LONG = 240_000;

describe.each(WORKERS)("%s", (name, command, why) => {
  test.skipIf(why !== "").each(VARIANTS)(
    `keeps the rules over $framing, with $codec${why}`,
    async (variant) => {
      if (name === "Rust" && !existsSync(conformanceWorker))
        throw new Error(`${conformanceWorker} is missing: npm test builds it`);
      const brief = !FIRST.includes(variant);
      const results = await runSessions(command, variant, { brief });
      expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
      expect(results.length).toBeGreaterThan(brief ? 50 : 90);
    },
    LONG,
  );
});

const folder = mkdtempSync(join(tmpdir(), "procwire-conformance-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("a worker in a fourth language", () => {
  const hasGo = spawnSync("go", ["version"]).status === 0;
  const whyNoGo = hasGo ? "" : " (because there is no Go here)";

  test.skipIf(whyNoGo !== "")(
    `of fewer than 60 lines keeps the base level${whyNoGo}`,
    async () => {
      const source = file("workers/base.go");
      const lines = readFileSync(source, "utf8").split("\n");
      expect(lines.filter((line) => line.trim() !== "").length).toBeLessThan(60);
      const binary = join(folder, process.platform === "win32" ? "base.exe" : "base");
      const built = spawnSync("go", ["build", "-o", binary, source], { encoding: "utf8" });
      expect(built.stderr).toBe("");
      const results = await runSessions([binary], { framing: "line", codec: "json" }, { level: "base" });
      expect(results.filter(({ failure }) => failure !== undefined)).toEqual([]);
      expect(results.length).toBeGreaterThan(10);
    },
    LONG,
  );
});

describe("the runner", () => {
  const main = file("runner/main.mjs");
  const mute = ['process.stdin.resume().on(\'data\', () => process.stdout.write(\'{"jsonrpc":"2.0","id":0}\\n\'))'];

  test("tells the rule that a worker breaks, counts, and exits with 1", () => {
    const report = join(folder, "report.xml");
    const args = ["--level", "base", "--only", "misfits: another", "--junit", report, "--"];
    const ran = spawnSync(process.execPath, [...typescript(main), ...args, process.execPath, "-e", ...mute], {
      cwd: root,
      encoding: "utf8",
    });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toContain("FAILED  line, json");
    expect(ran.stdout).toContain('rule: A `jsonrpc` other than "2.0"');
    expect(ran.stdout).toMatch(/\n0 passed, 1 failed\n$/);
    expect(readFileSync(report, "utf8")).toContain('<testsuite name="line, json" tests="1" failures="1">');
  });

  test("says how it is used when there is no command, and that no session has a name", () => {
    const without = spawnSync(process.execPath, [...typescript(main)], { cwd: root, encoding: "utf8" });
    expect([without.status, without.stderr.startsWith("usage: procwire-conformance")]).toEqual([2, true]);
    const args = ["--only", "no such session", "--", process.execPath, "-e", "0"];
    const none = spawnSync(process.execPath, [...typescript(main), ...args], { cwd: root, encoding: "utf8" });
    expect([none.status, none.stderr.trim()]).toEqual([1, "No session is named no such session."]);
  });

  test("writes a report that any reader of XML can read", () => {
    const results = [{ name: 'a "b" & <c>', rule: "r", ms: 1, failure: "\u0000 <&>" }];
    expect(junit([{ title: "line, json", results }])).toContain(
      '<failure message="r">? &lt;&amp;&gt;</failure></testcase>',
    );
  });
});
