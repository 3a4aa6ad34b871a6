import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMITS, JsonRpcErrorCode } from "@procwire/transport";

interface Table {
  readonly limits: readonly {
    readonly default: number;
    readonly typescript: string | null;
    readonly rust: string | null;
  }[];
  readonly errorCodes: Readonly<Record<string, number>>;
  readonly reservedPrefixes: readonly string[];
  readonly reservedNames: readonly string[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const table = JSON.parse(readFileSync(join(root, "test/vectors/protocol.json"), "utf8")) as Table;

function textsIn(folder: string, extension: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension))
    .map((name) => readFileSync(join(root, folder, name), "utf8"));
}

/** Names in quotes that begin with a reserved prefix and go on. */
function reservedIn(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) =>
    [...text.matchAll(/["'`]((?:\$\/|rpc\.)[\w/]+)["'`]/g)].map(([, name]) => name),
  );
  return [...new Set(names)].sort() as string[];
}

test("the limits of TypeScript are those of the table, all of them", () => {
  const rows = table.limits.filter(({ typescript }) => typescript !== null);
  expect(Object.fromEntries(rows.map((row) => [row.typescript, row.default]))).toEqual(DEFAULT_LIMITS);
  expect(rows).toHaveLength(Object.keys(DEFAULT_LIMITS).length);
});

test("the error codes of TypeScript are those of the table, all of them", () => {
  const camelCase = (name: string): string => name.replace(/ (\w)/g, (_, letter: string) => letter.toUpperCase());
  const codes = Object.entries(table.errorCodes).map(([name, code]) => [camelCase(name), code] as const);
  expect(Object.fromEntries(codes)).toEqual(JsonRpcErrorCode);
});

test("the names that TypeScript reserves are those of the table, all of them", () => {
  // Other dialects have names of their own.
  expect(reservedIn(textsIn("packages/transport/src/dialects", "json-rpc.ts"))).toEqual(table.reservedNames);
  for (const name of table.reservedNames) {
    expect(table.reservedPrefixes.some((prefix) => name.startsWith(prefix))).toBe(true);
  }
});

describe("the documents say the same:", () => {
  const read = (path: string): string => readFileSync(join(root, path), "utf8");

  test("each code and its name is in docs/errors.md", () => {
    for (const [name, code] of Object.entries(table.errorCodes)) {
      expect(read("docs/errors.md")).toContain(`| ${code} | ${name} |`);
    }
  });

  test("the reserved names in docs/protocol.md are these", () => {
    const rows = [...read("docs/protocol.md").matchAll(/^\| `((?:\$\/|rpc\.)[^`]*)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(table.reservedNames);
  });
});
