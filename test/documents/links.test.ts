/** What the documents refer to is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { expect, test } from "vitest";
import { readResults } from "../../bench/src/report/results.js";
import { markdownOf } from "../../bench/src/report/markdown.js";
import { withFigures } from "../../bench/src/report/summary.js";
import { root } from "../support/paths.js";
import { findPages } from "./blocks.js";

const LINK = /\]\((?!https?:)([^)\s]+)\)/g;

const others = ["ARCHITECTURE.md", "bench/README.md", "test/vectors/README.md"];
const documents = [...findPages(), ...others, "rust-worker/README.md", "rust-worker/procwire/README.md"];

function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The links of a page without its code. */
function linksIn(page: string): string[] {
  const prose = read(page).replaceAll(/^(`{3,})[^\n]*\n[\s\S]*?^\1$/gm, "");
  return [...prose.matchAll(LINK)].map(([, target = ""]) => target);
}

/** As the forges make them. */
function anchorsIn(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

test.each(documents)("the links in %s lead somewhere", (page) => {
  const broken = linksIn(page).filter((link) => {
    const [target = "", anchor] = link.split("#");
    const path = target === "" ? page : join(dirname(page), target);
    return !existsSync(join(root, path)) || (anchor !== undefined && !anchorsIn(path).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test("what the tarballs contain links to nothing outside of them", () => {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  expect(packages.flatMap(linksIn)).toEqual([]);
});

test("every page can be reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) {
    for (const link of linksIn(page)) {
      const path = posix.join(posix.dirname(page), link.split("#")[0] ?? "");
      if (path.endsWith(".md")) reached.add(path);
    }
  }
  expect(findPages().filter((page) => page.startsWith("docs/") && !reached.has(page))).toEqual([]);
});

test("the figures in the README and docs/performance.md are those of one run", () => {
  const results = readResults(join(root, "docs", "performance.json"));
  expect(read("README.md")).toBe(withFigures(read("README.md"), results));
  expect(read("docs/performance.md")).toBe(markdownOf(results));
});
