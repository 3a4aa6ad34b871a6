import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "./support/paths.js";

const MAX_LINES = 300;
/** From the bottom up. A folder imports itself and what stands before it. */
const LAYERS = ["", "framing", "codec", "protocol", "link", "channel", "process"];
/** They run anywhere: no Node, no package. */
const NEUTRAL = ["", "framing", "codec", "protocol", "channel"];
/** `channel/` knows what a link is, and none in particular. */
const ONLY_FROM_LINK = "link/contract.js";

const IMPORT = /(?:^|\s)(?:import|export)\s[^"';]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"|^import\s+"([^"]+)"/gm;

interface Source {
  readonly path: string;
  readonly folder: string;
  readonly imports: readonly string[];
  readonly lines: number;
}

function read(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => {
      const text = readFileSync(join(folder, path), "utf8");
      const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? "");
      const isTop = dirname(path) === ".";
      return { path, folder: isTop ? "" : path.split("/")[0]!, imports, lines: text.trimEnd().split("\n").length };
    });
}

describe("packages/transport", () => {
  const folder = join(root, "packages/transport/src");
  const sources = read(folder).filter(({ path }) => path !== "index.ts");

  /** The imports of files of this package, as paths from its source folder. */
  function ownImports({ path, imports }: Source): string[] {
    return imports
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => relative(folder, join(folder, dirname(path), specifier)));
  }

  test("is read by this test: it has sources, and they have imports", () => {
    expect(sources.length).toBeGreaterThan(30);
    expect(sources.flatMap(ownImports).length).toBeGreaterThan(60);
  });

  test("has no folder that is no layer", () => {
    // Nothing imports `observe`: it is handed in.
    const known = [...LAYERS, "observe"];
    expect([...new Set(sources.map((source) => source.folder))].filter((name) => !known.includes(name))).toEqual([]);
  });

  test.each(sources)("$path imports its own layer and those below", (source) => {
    const level = source.folder === "observe" ? Infinity : LAYERS.indexOf(source.folder);
    for (const imported of ownImports(source)) {
      const layer = dirname(imported) === "." ? "" : imported.split("/")[0]!;
      expect(layer, imported).not.toBe("observe");
      expect(LAYERS.indexOf(layer), imported).toBeLessThanOrEqual(level);
      expect(basename(imported), "nobody imports the entry").not.toBe("index.js");
      if (source.folder === "channel" && layer === "link") expect(imported).toBe(ONLY_FROM_LINK);
    }
  });

  test.each(sources.filter((source) => NEUTRAL.includes(source.folder)))(
    "$path imports nothing of Node and no package",
    ({ imports }) => {
      expect(imports.filter((specifier) => !specifier.startsWith("."))).toEqual([]);
    },
  );
});

describe.each(["packages/transport/src", "packages/codec-msgpack/src"])("%s", (folder) => {
  test(`has no file above ${MAX_LINES} lines`, () => {
    const long = read(join(root, folder)).filter(({ lines }) => lines > MAX_LINES);
    expect(long.map(({ path, lines }) => `${path}: ${lines}`)).toEqual([]);
  });
});
