// `npx procwire-types`: TypeScript made from what a worker tells of itself, and held against a real compiler.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixture, root, rustWorker, typescript } from "./support/paths.js";
import { runNode } from "./support/run.js";

/** Inside of `test/`, so that the packages are found as by a user who has installed them. */
const folder = join(root, "test/.tmp-typescript/types-command");
const command = typescript(join(root, "packages/transport/src/procwire-types.ts"));
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript-7/package.json")), "bin/tsc");
const compilerOptions = {
  ...{ target: "es2022", module: "nodenext", lib: ["es2023", "esnext.disposable"], types: ["node"], noEmit: true },
  ...{ strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
};

/** A worker that answers its first request, and ends with its input. */
const REFUSES = `process.stdin.once("data", () => {
  const error = { code: -32601, message: "Method not found" };
  process.stdout.write(JSON.stringify({ jsonrpc: "2.0", id: 1, error }) + "\\n");
}).resume()`;

beforeAll(() => mkdirSync(folder, { recursive: true }));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the compiler says of the files together. */
async function compile(name: string, files: Readonly<Record<string, string>>): Promise<string> {
  const project = join(folder, name);
  mkdirSync(project, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(project, file), text);
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: Object.keys(files) }));
  const { code, stdout } = await runNode([compiler, "-p", project, "--pretty", "false"]);
  return code === 0 ? "" : stdout;
}

describe("the types of a worker", () => {
  test("in Rust hold what may be asked and what is answered, and refuse the rest", { timeout: 60_000 }, async () => {
    const out = join(folder, "api.d.ts");
    const { code, stderr } = await runNode([
      ...command,
      "--out",
      out,
      "--name",
      "Compute",
      "--",
      rustWorker,
      "--quiet",
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const program = `
      import { createStdioChannel } from "@procwire/transport";
      import type { Compute } from "./api.js";
      const channel = await createStdioChannel<Compute>("rust-worker");
      const sum: number | string = await channel.request("add", { a: 1, b: "2" });
      const product: number | string = await channel.request("multiply", [2, 3]);
      const sorted: number[] = await channel.request("sort", { numbers: [3, 1] as const });
      for await (const prime of channel.stream("primes", { from: 1, to: 9 })) String(prime);
      await channel.request("hash", { algorithm: "sha256" });
      // @ts-expect-error -- an operand is missing
      await channel.request("add", { a: 1 });
      // @ts-expect-error -- no such algorithm
      await channel.request("hash", { algorithm: "md5" });
      // @ts-expect-error -- a stream is no request
      await channel.request("primes", { from: 1, to: 9 });
      export { product, sorted, sum };
    `;
    expect(await compile("rust", { "api.d.ts": readFileSync(out, "utf8"), "program.mts": program })).toBe("");
  });

  test("in Node name its methods and its streams, of which nothing more is known", { timeout: 60_000 }, async () => {
    const worker = typescript(fixture("stream-worker.ts"));
    const { code, stdout } = await runNode([...command, "--", process.execPath, ...worker]);
    expect(code).toBe(0);
    expect(stdout).toContain("  add: (params?: unknown) => unknown;\n");
    expect(stdout).toContain("  primes: (params?: unknown) => AsyncIterable<unknown>;\n");
    const program = `
      import { createStdioChannel } from "@procwire/transport";
      import type { Api } from "./api.js";
      const channel = await createStdioChannel<Api>("worker");
      export const sum: unknown = await channel.request("add", [1, 2]);
      // @ts-expect-error -- there is no such method
      await channel.request("ad");
    `;
    expect(await compile("node", { "api.d.ts": stdout, "program.mts": program })).toBe("");
  });

  test("can't break out of the file, whatever its methods are called", { timeout: 60_000 }, async () => {
    const { code, stdout } = await runNode([...command, "--", process.execPath, fixture("hostile-discovery.mjs")]);
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/[^\n\x20-\x7e]/);
    const program = `
      import type * as Everything from "./api.js";
      type Methods = Everything.Api["function"] extends (params?: infer Params) => unknown ? Params : never;
      export const methods: Methods = [1];
      // @ts-expect-error -- nothing but the interface is exported
      export type Evil = typeof Everything.evil;
    `;
    expect(await compile("hostile", { "api.d.ts": stdout, "program.mts": program })).toBe("");
    expect(stdout.match(/^export /gm)).toHaveLength(1);
  });
});

describe("the command says what is wrong", () => {
  test.each([
    ["no program", [], 2, "no program is named: put it behind --. See procwire-types --help."],
    ["an unknown option", ["--output", "x", "--", "cat"], 2, "'--output'"],
    ["a name that is none", ["--name", "a b", "--", "cat"], 2, '"a b" can\'t be the name of an interface.'],
    ["an unknown framing", ["--framing", "lines", "--", "cat"], 2, "framing"],
    ["a timeout that is none", ["--timeout", "soon", "--", "cat"], 2, "timeout"],
    ["a program that there is not", ["--", "procwire-no-such-program"], 1, "procwire-no-such-program"],
    ["a worker without methods", ["--", "cat"], 1, "no methods at all"],
    ["a worker that does not know it", ["--", process.execPath, "--eval", REFUSES], 1, "does not serve rpc.discover"],
  ])("%s", async (_, args, expected, words) => {
    const { code, stdout, stderr } = await runNode([...command, ...args]);
    expect({ code, stdout }).toEqual({ code: expected, stdout: "" });
    expect(stderr).toContain("procwire-types: ");
    expect(stderr).toContain(words);
  });
});
