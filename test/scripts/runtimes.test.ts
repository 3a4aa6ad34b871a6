import { expect, test } from "vitest";
import { pageOf, type Result } from "../../scripts/lib/runtimes-page.mjs";
import { runtimes } from "../../scripts/lib/runtimes.mjs";

const fine = { passed: 10, problems: [] };

test("the table of runtimes says in words what failed, where it was skipped, and nothing where all is the same", () => {
  const results: Result[] = [
    {
      name: "Node",
      version: "26.0.0",
      tests: { passed: 5, failed: 1, skipped: 2 },
      parent: fine,
      worker: fine,
      failed: ["a.test.ts: a | b"],
    },
    {
      name: "Bun",
      version: "1.0.0",
      tests: undefined,
      parent: { passed: 9, problems: ["with the <Rust> worker: x"] },
      worker: fine,
      failed: [],
    },
    { name: "Deno", version: "2.0.0", tests: undefined, parent: fine, worker: fine, failed: [] },
  ];
  const rows = pageOf(results, "a machine").trimEnd().split("\n").slice(-3);
  expect(rows).toEqual([
    "| Node 26.0.0 | 5 passed, **1 failed**, 2 skipped | 10 passed | 10 passed | **fails**: a.test.ts: a \\| b |",
    "| Bun 1.0.0 |  | 9 passed, **1 failed** | 10 passed | **fails** as parent, with the &lt;Rust> worker: x |",
    "| Deno 2.0.0 |  | 10 passed | 10 passed | nothing |",
  ]);
});

test("every runtime has one exact version", () => {
  expect(runtimes.map(({ name }) => name)).toEqual(["Node", "Node", "Node", "Node", "Bun", "Deno"]);
  for (const { version } of runtimes) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
});
