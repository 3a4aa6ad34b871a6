// The README's table of peers says what the tests are, and what became of them.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/paths.js";
import { features, peers } from "./table/rows.js";
import { testsOf, withTable, type Ran } from "./table/table.js";

const OWN_NAME = /\b(?:test|whenThere|whereIt\([^)]*\))(?:\.\w+\([^)]*\))*\(\s*"((?:[^"\\]|\\.)*)"/g;
const HERE = join(root, "test", "interop");

const readme = readFileSync(join(root, "README.md"), "utf8").replaceAll("\r\n", "\n");
const ran = JSON.parse(readFileSync(join(root, "docs", "peers.json"), "utf8")) as readonly Ran[];
const files = readdirSync(HERE).filter((name) => name.endsWith(".test.ts") && name !== "table.test.ts");

test("it is what docs/peers.json has; npm run peers writes both", () => {
  expect(withTable(readme, ran)).toBe(readme);
});

describe.each(files)("%s", (name) => {
  const file = name.replace(".test.ts", "");
  const own = ran.filter((test) => test.file === file);

  test("has no test that the last run did not have: run npm run peers", () => {
    const written = [...readFileSync(join(HERE, name), "utf8").matchAll(OWN_NAME)].map(([, title = ""]) => title);
    const known = own.map(({ names }) => names.at(-1) ?? "");
    expect(written.length + own.length).toBeGreaterThan(0);
    // A name with a place for something is known by its end.
    expect(written.filter((title) => !known.some((one) => one.endsWith(title.replace(/^%s/, ""))))).toEqual([]);
  });

  test("has had each test in a row, and none that is not written there any more", () => {
    const text = readFileSync(join(HERE, name), "utf8");
    const inRows = new Set(peers.flatMap((peer) => testsOf(peer, own)));
    for (const one of own) {
      expect(inRows, one.names.join(" > ")).toContain(one);
      const title = one.names.at(-1) ?? "";
      expect(
        [...text.matchAll(OWN_NAME)].some(([, known = ""]) => title.endsWith(known.replace(/^%s/, ""))),
        title,
      ).toBe(true);
    }
  });
});

test("each row has tests, and each column has some", () => {
  for (const peer of peers) expect(testsOf(peer, ran), peer.title).not.toEqual([]);
  for (const { title, says } of features) {
    expect(
      ran.some(({ names }) => says.test(names.at(-1) ?? "")),
      title,
    ).toBe(true);
  }
});
