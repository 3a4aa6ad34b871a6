// A Node worker is one line: the URL of its file.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createStdioChannel } from "@procwire/transport";
import { afterAll, expect, test } from "vitest";
import { loadingArgs } from "../../packages/transport/src/node/child/node-script.js";
import { fixture, FROM_SOURCES, root } from "../support/paths.js";
import { runNode } from "../support/run.js";
import { rejectionOf } from "../support/wait-for.js";

const folder = mkdtempSync(join(tmpdir(), "procwire by url "));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const built = JSON.stringify(pathToFileURL(join(root, "packages/transport/dist/index.js")).href);

function script(name: string, text: string): URL {
  writeFileSync(join(folder, name), text);
  return pathToFileURL(join(folder, name));
}

const WORKER = "serveStdio({ about: () => [process.execPath, ...process.argv.slice(1)] });";

test.each([
  ["a module", "worker.mjs", `import { serveStdio } from ${built}; ${WORKER}`],
  [
    "a script that requires nothing of the kind",
    "worker.cjs",
    `import(${built}).then(({ serveStdio }) => { ${WORKER} });`,
  ],
])("the URL of %s starts it with this Node; the arguments are its own", async (_, name, text) => {
  const url = script(name, text);
  await using channel = await createStdioChannel(url, { args: ["--flag", "a b"] });
  const file = join(folder, name);
  expect(await channel.request("about")).toEqual([process.execPath, file, "--flag", "a b"]);
});

test("a parent that runs by tsx starts a worker in TypeScript by its URL", async () => {
  const { stdout, stderr } = await runNode([...FROM_SOURCES, fixture("by-url-parent.ts"), "./echo-worker.ts"]);
  expect({ stdout, stderr }).toEqual({ stdout: "hello\n", stderr: "" });
});

test("a file that is not there: the start fails, and says which", async () => {
  const error = await rejectionOf(createStdioChannel(pathToFileURL(join(folder, "missing.js"))));
  expect(error).toMatchObject({ code: "SPAWN_FAILED", delivery: "not-sent" });
  expect((error as Error).message).toContain(`${join(folder, "missing.js")}: there is no such file (ENOENT)`);
});

const runsTypeScript = "typescript" in process.features && Boolean(process.features.typescript);
const why = runsTypeScript ? " (skipped, because this Node runs TypeScript by itself)" : "";

test.skipIf(runsTypeScript)(
  `a worker in TypeScript where nothing runs that: the start fails, with advice${why}`,
  async () => {
    const url = script("worker.ts", "").href;
    const program = [
      `import { createStdioChannel } from ${built};`,
      `await createStdioChannel(new URL(${JSON.stringify(url)})).catch((error) => console.log(error.message));`,
    ].join("\n");
    const { stdout } = await runNode(["--input-type=module", "--eval", program], { NODE_OPTIONS: "" });
    expect(stdout).toMatch(/worker\.ts: Node [\d.]+ runs no TypeScript by itself: start this program by tsx/);
  },
);

test("of the parent's flags those are handed on that load files, with their values", () => {
  const given = [
    "--inspect=0",
    "--import",
    "tsx",
    "-r",
    "./a.cjs",
    "--eval",
    "1",
    "--conditions=x",
    "-C",
    "y",
    "--test",
  ];
  expect(loadingArgs(given)).toEqual(["--import", "tsx", "-r", "./a.cjs", "--conditions=x", "-C", "y"]);
  expect(loadingArgs(["--import=tsx", "--max-old-space-size=100", "--experimental-strip-types"])).toEqual([
    "--import=tsx",
    "--experimental-strip-types",
  ]);
  expect(loadingArgs(["--import"])).toEqual(["--import"]);
});
