/** How the blocks of a page are read. */
import { describe, expect, test } from "vitest";
import { readBlocks, strayFences } from "./blocks.js";

function blocksOf(...lines: readonly string[]): ReturnType<typeof readBlocks> {
  return readBlocks("page.md", `# Title\n\n${lines.join("\n")}\n`);
}

describe("a block", () => {
  test("is the file that its first line names", () => {
    const [block] = blocksOf("```js", "// src/parent.mjs", "run();", "```");
    expect(block).toMatchObject({ title: "page.md:3", language: "js", file: "src/parent.mjs", isUsed: false });
  });

  test("without a name is named after its line", () => {
    expect(blocksOf("```ts", "run();", "```")).toMatchObject([{ file: "block-3.ts", check: undefined }]);
  });

  test("that another one starts is run by that one", () => {
    const worker = ["```js", "// worker.mjs", "serve();", "```"];
    const parent = ["```js", "// parent.mjs", 'start("worker.mjs");', "```"];
    expect(blocksOf(...worker, ...parent).map(({ isUsed }) => isUsed)).toEqual([true, false]);
  });

  test("that is only named by one that does not run is run by itself", () => {
    const worker = ["```js", "// worker.mjs", "serve();", "```"];
    const picture = ["```text", "worker.mjs -> parent", "```"];
    const checked = ['```ts check="it needs a network"', 'start("worker.mjs");', "```"];
    expect(blocksOf(...worker, ...picture, ...checked)[0]).toMatchObject({ isUsed: false });
  });

  test("whose name is a part of another name is not meant by it", () => {
    const worker = ["```js", "// worker.mjs", "serve();", "```"];
    const parent = ["```sh", "node my-worker.mjs", "```"];
    expect(blocksOf(...worker, ...parent)[0]).toMatchObject({ isUsed: false });
  });

  test("gives its reasons and its file at the fence", () => {
    const [block] = blocksOf('```json file="a/package.json" skip="nothing reads it"', "{}", "```");
    expect(block).toMatchObject({ file: "a/package.json", skip: "nothing reads it", words: [] });
  });
});

test("fences that nothing would read are found: indented, of tildes, in quotes, without an end", () => {
  const page =
    "- item\n\n  ```js\n  run();\n  ```\n\n~~~js\nrun();\n~~~\n\n> ```js\n> run();\n> ```\n\n```js\nrun();\n";
  expect(strayFences("page.md", page)).toHaveLength(7);
  expect(strayFences("page.md", "```js\nrun();\n```\n")).toEqual([]);
});
