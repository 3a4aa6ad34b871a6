import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { runNode } from "./support/run.js";
import { root } from "./support/paths.js";

const dist = join(root, "packages", "transport", "dist");
/** Bytes of JavaScript, comments included, that a worker may load. */
const MAX_BYTES = 272_000;

function built(file: string): string {
  return JSON.stringify(pathToFileURL(join(dist, file)).href);
}

/** The built files that an entry loads, itself included, and the modules from elsewhere that they import. */
function loadedBy(entry: string): { readonly bytes: number; readonly modules: readonly string[] } {
  const files = new Set([entry]);
  const modules = new Set<string>();
  let bytes = 0;
  for (const file of files) {
    const text = readFileSync(join(dist, file), "utf8");
    bytes += Buffer.byteLength(text);
    for (const [, name = ""] of text.matchAll(/^(?:import|export)[^"]*"([^"]+)";$/gm)) {
      if (name.startsWith("./")) files.add(name.slice(2));
      else modules.add(name);
    }
  }
  return { bytes, modules: [...modules] };
}

test("a worker's entry loads nothing that starts processes, and stays small", () => {
  const { bytes, modules } = loadedBy("worker.js");
  expect(modules.filter((name) => /execa|child_process|signal-exit/.test(name))).toEqual([]);
  expect(modules.length).toBeGreaterThan(2);
  expect(bytes).toBeLessThan(MAX_BYTES);
});

test("the main entry loads the spawner: the test above could see it", () => {
  expect(loadedBy("index.js").modules).toContain("execa");
});

test("errors of both entries are of one class", async () => {
  const program = [
    `import * as all from ${built("index.js")};`,
    `import * as worker from ${built("worker.js")};`,
    "console.log(all.RpcError === worker.RpcError, all.serveStdio === worker.serveStdio);",
  ].join("\n");
  const { stdout } = await runNode(["--input-type=module", "--eval", program]);
  expect(stdout.trim()).toBe("true true");
});

test("errors of the built package print under their own names", async () => {
  const program = [
    `import { ChannelError, RpcError } from ${built("index.js")};`,
    'console.log(new ChannelError("TIMEOUT", "m"), new RpcError(1, "m"), new (class Mine extends RpcError {})(1, "m"));',
    "console.log(new ChannelError('TIMEOUT', 'm') instanceof ChannelError, {} instanceof RpcError);",
  ].join("\n");
  const { stdout } = await runNode(["--input-type=module", "--eval", program]);
  expect(stdout).not.toMatch(/_(?:Channel|Rpc)Error/);
  expect(stdout).toMatch(/^ChannelError: m\n/);
  expect(stdout).toMatch(/\bRpcError: m\n/);
  expect(stdout).toContain("true false");
});
