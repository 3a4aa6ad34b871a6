import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/paths.js";
import type { Data } from "./data.js";
import { pageOf } from "./page.js";
import { promises } from "./promises.js";

function read(...path: string[]): string {
  return readFileSync(join(root, ...path), "utf8").replaceAll("\r\n", "\n");
}

const data = JSON.parse(read("docs", "reliability.json")) as Data;

test("docs/reliability.md says what the last run found; npm run reliability writes it", () => {
  expect(pageOf(data)).toBe(read("docs", "reliability.md"));
});

test("the ten promises are in the table", () => {
  expect(promises.map(({ id }) => id.split(" ")[0])).toEqual(Array.from({ length: 10 }, (_, at) => `P${at + 1}`));
});

describe.each(promises.map((promised) => [promised.id, promised] as const))("%s", (_id, { tests = [], cargo = [] }) => {
  test("is tested by what there is", () => {
    for (const path of tests) expect(existsSync(join(root, path)), path).toBe(true);
    for (const name of cargo) expect(existsSync(join(root, "rust-worker", `${name}.rs`)), name).toBe(true);
  });
});

test("every soak is run for the table", () => {
  const names = [...read("test", "soak", "main.ts").matchAll(/^import .* from "\.\/([a-z-]+)\.js";$/gm)].map(
    ([, name]) => name,
  );
  expect(names.length).toBeGreaterThan(8);
  expect(data.soaks.map(({ name }) => name)).toEqual(names.sort());
});
