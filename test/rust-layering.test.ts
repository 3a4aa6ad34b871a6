import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./support/paths.js";

/** From the bottom up. A folder names itself and what stands before it; "" are the files beside the folders. */
const LAYERS = ["", "wire", "link", "peer", "worker", "client"];
/** They are handed values and return values. */
const PURE = ["", "wire"];
const NEEDS_A_SYSTEM = /\bstd::(thread|net|process|os|fs)\b|\blibc::/;
/** Where it is more than a figure: memory is advised by its address, threads are started in one place. */
const ALLOWED = ["wire/framing", "threads"];

interface Source {
  /** The folder or file in its layer: `wire/codec`, `peer/calls`, or `fault`. */
  readonly module: string;
  readonly code: string;
}

const folder = join(root, "rust-worker/procwire/src");
const sources = read(folder);
const modules = [...new Set(sources.map(({ module }) => module))].sort();

function read(from: string): Source[] {
  return readdirSync(from, { recursive: true, encoding: "utf8" })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path.endsWith(".rs") && !["lib.rs", "tests.rs"].includes(path.split("/").pop()!))
    .map((path) => {
      const parts = path.replace(/(\/mod)?\.rs$/, "").split("/");
      const code = withoutComments(readFileSync(join(from, path), "utf8"));
      return { module: parts.slice(0, 2).join("/"), code: fromTheRoot(code, parts) };
    });
}

function withoutComments(code: string): string {
  return code.replaceAll(/^\s*\/\/.*$/gm, "");
}

/** Spells `super::` out, but for that of a module of tests, which means the file itself. */
function fromTheRoot(code: string, parts: string[]): string {
  const itself = withoutTests(code);
  const spelled = itself.replaceAll(/\b(?:super::)+/g, (supers) => {
    const parent = parts.slice(0, -supers.length / "super::".length);
    return ["crate", ...parent, ""].join("::");
  });
  return spelled + code.slice(itself.length);
}

/** A file without its module of tests, which stands at its end. */
function withoutTests(code: string): string {
  return code.split(/^#\[cfg\(test\)\]\nmod \w+ \{/m)[0]!;
}

/** Every path from the crate's root in some code, with the braces of a `use` spelled out. */
function paths(code: string): string[] {
  const found: string[] = [];
  for (const { index } of code.matchAll(/\bcrate::/g)) {
    const end = /[^\w:{},\s]/.exec(code.slice(index))?.index ?? Infinity;
    found.push(...leaves(code.slice(index + "crate::".length, index + end)));
  }
  return found;
}

function leaves(tree: string): string[] {
  const [head = ""] = /^[\w:]*/.exec(tree) ?? [];
  if (tree[head.length] !== "{") return [head];
  return inBraces(tree.slice(head.length)).flatMap((part) => leaves(part).map((leaf) => head + leaf));
}

function inBraces(text: string): string[] {
  const parts: string[] = [];
  let part = "";
  let depth = 0;
  for (const char of text) {
    if (char === "}" && --depth === 0) break;
    if (char === "," && depth === 1) {
      parts.push(part);
      part = "";
    } else if (depth > 0) part += char.trim();
    if (char === "{") depth++;
  }
  return [...parts, part].filter((each) => each !== "");
}

/** The module of ours that a path leads to; the crate's own names lead to none. */
function moduleOf(path: string): string | undefined {
  const [first = "", second = ""] = path.split("::");
  return [`${first}/${second}`, first].find((name) => modules.includes(name));
}

function layerOf(module: string): string {
  return LAYERS.find((layer) => layer !== "" && (module === layer || module.startsWith(`${layer}/`))) ?? "";
}

function edges(): Map<string, Set<string>> {
  const found = new Map(modules.map((module) => [module, new Set<string>()]));
  for (const { module, code } of sources) {
    for (const path of paths(code)) {
      const target = moduleOf(path);
      if (target !== undefined && target !== module) found.get(module)!.add(target);
    }
  }
  return found;
}

/** The groups of modules that reach each other. */
function circles(graph: Map<string, Set<string>>): string[][] {
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [from];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (const target of graph.get(next) ?? []) {
        if (seen.has(target)) continue;
        seen.add(target);
        open.push(target);
      }
    }
    return seen;
  };
  const reached = new Map(modules.map((module) => [module, reach(module)]));
  const groups = modules.map((a) => modules.filter((b) => reached.get(a)!.has(b) && reached.get(b)!.has(a)));
  return [...new Map(groups.filter((group) => group.length > 1).map((group) => [group.join(), group])).values()];
}

describe("rust-worker/procwire", () => {
  const graph = edges();

  test("is read by this test: it has modules, and they name each other", () => {
    expect(modules.length).toBeGreaterThan(25);
    expect([...graph.values()].reduce((sum, targets) => sum + targets.size, 0)).toBeGreaterThan(60);
    expect(leaves("wire::{codec::{Codec, Room}, message}, ")).toEqual([
      "wire::codec::Codec",
      "wire::codec::Room",
      "wire::message",
    ]);
    expect(
      fromTheRoot("use super::{A, B}; super::super::C;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}", [
        "peer",
        "calls",
      ]),
    ).toBe("use crate::peer::{A, B}; crate::C;\n#[cfg(test)]\nmod tests {\n    use super::*;\n}");
  });

  test("has no folder that is no layer", () => {
    const folders = modules.filter((module) => module.includes("/")).map((module) => module.split("/")[0]!);
    expect([...new Set(folders)].filter((name) => !LAYERS.includes(name))).toEqual([]);
  });

  test("looks only down", () => {
    const upward = [...graph].flatMap(([from, targets]) =>
      [...targets]
        .filter((to) => LAYERS.indexOf(layerOf(to)) > LAYERS.indexOf(layerOf(from)))
        .map((to) => `${from} -> ${to}`),
    );
    expect(upward).toEqual([]);
  });

  test("goes in no circle", () => {
    expect(circles(graph)).toEqual([]);
  });

  test("spells the names of the protocol's own in one module", () => {
    const spells = /"(?:\$\/[^"]*|rpc\.[^"]*|shutdown)"/;
    const names = sources.filter(({ code }) => spells.test(withoutTests(code))).map(({ module }) => module);
    expect(names).toEqual(["dialect"]);
  });

  test.each(sources.filter(({ module }) => PURE.includes(layerOf(module)) && !ALLOWED.includes(module)))(
    "$module has no threads and no I/O",
    ({ code }) => {
      expect(NEEDS_A_SYSTEM.exec(withoutTests(code))?.[0]).toBeUndefined();
    },
  );
});

/** What a program that uses the library compiles, and what those crates need. */
const DEPENDENCIES = [
  "futures-core",
  "libc",
  "memchr",
  "rmp",
  "rmp-serde",
  // For the feature `tls` alone.
  "rustls",
  "serde",
  "serde_bytes",
  "serde_json",
  "signal-hook",
  "thiserror",
];

describe("rust-worker", () => {
  test("the library needs few crates, and none of the compute worker's", () => {
    const manifest = readFileSync(join(root, "rust-worker/procwire/Cargo.toml"), "utf8");
    const tables = manifest.split(/^\[/m).filter((table) => /^(target\..*\.)?dependencies\]/.test(table));
    expect(tables).toHaveLength(2);
    const names = tables.flatMap((table) =>
      [...table.matchAll(/^([\w-]+)(?:\.workspace)? =/gm)].map((match) => match[1]!),
    );
    expect(names.sort()).toEqual(DEPENDENCIES);
  });

  test("no file is longer than 300 lines", () => {
    const folders = ["src", "procwire/src", "support/src", "bench", "fuzz/fuzz_targets"];
    const files = folders.flatMap((part) =>
      readdirSync(join(root, "rust-worker", part), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".rs"))
        .map((path) => join(root, "rust-worker", part, path)),
    );
    expect(files.length).toBeGreaterThan(90);
    const lines = (path: string): number => readFileSync(path, "utf8").split("\n").length - 1;
    expect(files.filter((path) => lines(path) > 300).map((path) => `${path}: ${lines(path)}`)).toEqual([]);
  });

  test("no file is a part of two crates", () => {
    const files = ["src", "procwire", "support", "bench", "fuzz/fuzz_targets", "tests", "examples"].flatMap((part) =>
      readdirSync(join(root, "rust-worker", part), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".rs"))
        .map((path) => join(root, "rust-worker", part, path)),
    );
    expect(files.length).toBeGreaterThan(100);
    expect(files.filter((path) => readFileSync(path, "utf8").includes("#[path"))).toEqual([]);
  });

  test("the algorithms of the compute worker know nothing of requests", () => {
    const main = readFileSync(join(root, "rust-worker/src/main.rs"), "utf8");
    const ofProgram = ["main", ...[...main.matchAll(/^mod (\w+);/gm)].map((match) => match[1]!)];
    const algorithms = readdirSync(join(root, "rust-worker/src"), { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".rs") && !ofProgram.includes(path.split(/[/.\\]/)[0]!),
    );
    expect(algorithms.length).toBeGreaterThan(15);
    const text = (path: string): string => readFileSync(join(root, "rust-worker/src", path), "utf8");
    expect(algorithms.filter((path) => text(path).includes("procwire"))).toEqual([]);
  });
});
