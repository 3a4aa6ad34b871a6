import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./support/paths.js";

const MAX_LINES = 300;
/** From the bottom up. A folder imports itself and what stands before it. */
const LAYERS = [
  "checks",
  "",
  "types",
  "framing",
  ...["codec/fast", "codec"],
  "dialects",
  ...["protocol/fast", "protocol"],
  "link",
  ...["contract", "records", "around", "output", "streams", "outgoing", "incoming", "input"].map(
    (room) => `channel/${room}`,
  ),
  "channel",
  ...["supervise", "supervise/pool"],
  ...["node/streams", "node/own", "node/child", "node/sockets", "node"],
];
/** They run anywhere: no Node, no package. */
const NEUTRAL = LAYERS.filter((layer) => !layer.startsWith("node"));
/** `channel/` and `supervise/` know what a link is, and none in particular. */
const ONLY_FROM_LINK = "link/contract.js";
/** What users import; nobody inside does. */
const ENTRIES = ["index.ts", "worker.ts", "extend.ts", "procwire-types.ts"];
/** Names that belong to a family of JSON-RPC. */
const RESERVED_NAME = /["'`](?:\$\/|rpc\.)/;

const IMPORT = /(?:^|\s)(?:import|export)\s[^"';]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm;

interface Source {
  /** Below the source folder. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
  /** The imports of files of this package, as paths below the source folder. */
  readonly own: readonly string[];
}

function read(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((name) => name.replaceAll("\\", "/"))
    .map((path) => {
      const text = readFileSync(join(folder, path), "utf8");
      const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
      const own = imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => relative(folder, join(folder, dirname(path), specifier)).replaceAll("\\", "/"));
      return { path, folder: folderOf(path), text, imports, own };
    });
}

function folderOf(path: string): string {
  const folder = dirname(path);
  return folder === "." ? "" : folder;
}

/** The first circle that leads from a node back to it; `undefined` where there is none. */
function findCircle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  function visit(node: string, way: readonly string[]): string[] | undefined {
    if (way.includes(node)) return [...way.slice(way.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const next of graph.get(node) ?? []) {
      const circle = visit(next, [...way, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  }
  for (const node of graph.keys()) {
    const circle = visit(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

function graphOf(edges: readonly (readonly [string, string])[]): Map<string, Set<string>> {
  const graph = new Map<string, Set<string>>();
  for (const [from, to] of edges) if (from !== to) graph.set(from, (graph.get(from) ?? new Set()).add(to));
  return graph;
}

describe("packages/transport", () => {
  const all = read(join(root, "packages/transport/src"));
  const sources = all.filter(({ path }) => !ENTRIES.includes(path));
  const edges = sources.flatMap(({ path, own }) => own.map((to) => [path, to.replace(/\.js$/, ".ts")] as const));

  test("is read by this test: it has sources, and they have imports", () => {
    expect(sources.length).toBeGreaterThan(60);
    expect(edges.length).toBeGreaterThan(150);
  });

  test("has no folder that is no layer", () => {
    expect([...new Set(sources.map(({ folder }) => folder))].filter((name) => !LAYERS.includes(name))).toEqual([]);
  });

  test("has no layer that is no folder", () => {
    const folders = new Set(sources.map(({ folder }) => folder));
    expect(LAYERS.filter((layer) => !folders.has(layer))).toEqual([]);
  });

  test.each(sources)("$path imports its own layer and those below", ({ folder, own }) => {
    const level = LAYERS.indexOf(folder);
    for (const imported of own) {
      const layer = folderOf(imported);
      expect(LAYERS.indexOf(layer), imported).toBeGreaterThanOrEqual(0);
      expect(LAYERS.indexOf(layer), imported).toBeLessThanOrEqual(level);
      expect(ENTRIES, "nobody imports an entry").not.toContain(imported.replace(/\.js$/, ".ts"));
      if (/^(?:channel|supervise)/.test(folder) && layer === "link") expect(imported).toBe(ONLY_FROM_LINK);
    }
  });

  test("has no circle of files, not even of types", () => {
    expect(findCircle(graphOf(edges))).toBeUndefined();
  });

  test("has no circle of folders", () => {
    const folders = edges.map(([from, to]) => [folderOf(from), folderOf(to)] as const);
    expect(findCircle(graphOf(folders))).toBeUndefined();
  });

  test.each(sources.filter(({ folder }) => NEUTRAL.includes(folder)))(
    "$path imports nothing of Node and no package",
    ({ imports }) => {
      expect(imports.filter((specifier) => !specifier.startsWith("."))).toEqual([]);
    },
  );

  test.each(sources.filter(({ folder }) => folder !== "dialects"))("$path spells no reserved name", ({ text }) => {
    const code = text.split("\n").filter((line) => !/^\s*(?:\/\*|\*|\/\/)/.test(line));
    expect(code.filter((line) => RESERVED_NAME.test(line))).toEqual([]);
  });

  test("keeps its shortcuts where they can be deleted: each folder of them has one entry", () => {
    const intoFast = edges.filter(([from, to]) => folderOf(to).endsWith("/fast") && folderOf(from) !== folderOf(to));
    expect(intoFast.filter(([, to]) => basename(to) !== "index.ts")).toEqual([]);
  });
});

const PACKAGES = readdirSync(join(root, "packages")).map((name) => `packages/${name}/src`);

describe.each(PACKAGES)("%s", (folder) => {
  test(`has no file above ${MAX_LINES} lines`, () => {
    const long = read(join(root, folder))
      .map(({ path, text }) => `${path}: ${text.trimEnd().split("\n").length}`)
      .filter((line) => Number(line.split(": ")[1]) > MAX_LINES);
    expect(long).toEqual([]);
  });
});
