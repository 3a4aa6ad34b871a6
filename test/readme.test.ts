import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, typescript } from "./support/paths.js";
import { runNode } from "./support/run.js";

// Every ```ts block of the documents is type-checked, and runs to its end with exit code 0 at the root of the
// repository, unless its info string says `no-run`. What a `console.log` has behind it as a comment must be printed.

const BLOCK = /^```(?:ts|typescript)\b([^\n]*)\n([\s\S]*?)^```$/gm;
const EXPECTED = /console\.log\(.*\);? *\/\/ (.+)$/gm;
/** Inside `test/`, so that imports are resolved as in the tests. */
const folder = join(root, "test/.tmp");

interface Block {
  readonly title: string;
  readonly file: string;
  readonly code: string;
  readonly isRun: boolean;
}

function markdownIn(...path: readonly string[]): string[] {
  const names = existsSync(join(root, ...path)) ? readdirSync(join(root, ...path)) : [];
  return names.filter((name) => name.endsWith(".md")).map((name) => [...path, name].join("/"));
}

function findDocuments(): string[] {
  const packages = readdirSync(join(root, "packages")).flatMap((name) => markdownIn("packages", name));
  return [...markdownIn(), ...markdownIn("docs"), ...packages];
}

function readBlocks(document: string): Block[] {
  const text = readFileSync(join(root, document), "utf8");
  return [...text.matchAll(BLOCK)].map((match) => {
    const line = text.slice(0, match.index).split("\n").length;
    const file = join(folder, `${document.replaceAll(/[^a-z0-9]+/gi, "-")}-${line}.ts`);
    return { title: `${document}:${line}`, file, code: match[2]!, isRun: !match[1]!.includes("no-run") };
  });
}

const blocks = findDocuments().flatMap(readBlocks);

describe.skipIf(!existsSync(join(root, "README.md")))("the code in the documents", () => {
  beforeAll(() => {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { file, code } of blocks) writeFileSync(file, code);
    const options = { noEmit: true, declaration: false, isolatedDeclarations: false };
    const files = blocks.map(({ file }) => file);
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: "../../tsconfig.base.json", compilerOptions: options, files }),
    );
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  test("is there", () => {
    expect(blocks.filter(({ isRun }) => isRun).length).toBeGreaterThan(0);
  });

  test("has the right types", async () => {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout } = await runNode([tsc, "-p", folder, "--pretty", "false"]);
    expect(stdout).toBe("");
  }, 60_000);

  test.each(blocks.filter(({ isRun }) => isRun))(
    "$title runs, and prints what its comments say",
    async ({ file, code }) => {
      const ended = await runNode(typescript(file));
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
      const printed = ended.stdout.split("\n");
      for (const [, expected] of code.matchAll(EXPECTED)) expect(printed).toContain(expected);
    },
  );
});
