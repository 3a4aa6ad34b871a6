/** Every code block of the documents works in a reader's folder as it stands there; blocks.ts says how they are read. */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../support/paths.js";
import { findPages, readBlocks, strayFences, type Block } from "./blocks.js";
import { cargoIsBesideShell, pathWithoutRust, Place, type Ended } from "./place.js";
import { builtLibraries, compile, resolve } from "./rust.js";
import { placeWorker, play, SESSION_WORKERS, stepsOf } from "./session.js";
import { runShell } from "./shell.js";
import { COMBINATIONS, compileTypeScript, type Combination } from "./typescript.js";

const EXPECTED = /(?:console\.log\(|print\().*\);? *(?:\/\/|#) (.+)$/gm;
const LANGUAGES = ["ts", "js", "python", "rust", "sh", "toml", "json", "text"];
const hasPython = spawnSync("python3", ["--version"]).status === 0;

const blocks = findPages().flatMap((page) => readBlocks(page));
const pages = [...new Set(blocks.map(({ page }) => page))];
const live = blocks.filter(({ skip }) => skip === undefined);
const place = new Place();
/** How each tsc ended. */
const compilers = new Map<Combination, Ended>();

beforeAll(async () => {
  for (const block of live) place.write(block);
  placeWorker(place.folder);
  await Promise.all([place.install().then(compileAll), compileRust()]);
}, 180_000);

afterAll(() => {
  place.remove();
});

test("no block is left alone without a reason", () => {
  expect(findPages().flatMap((page) => strayFences(page))).toEqual([]);
  const unknown = live.filter(({ language }) => !LANGUAGES.includes(language));
  expect(unknown.map(({ title, language }) => `${title} is in "${language}": nothing here reads it`)).toEqual([]);
  const reasons = blocks.flatMap(({ check, skip }) => [check, skip]).filter((reason) => reason !== undefined);
  for (const reason of reasons) expect(reason).toMatch(/\w+ \w+/);
  expect(live.length).toBeGreaterThan(20);
});

test.each(COMBINATIONS)("TypeScript $version finds the types right, with modules of $mode", (combination) => {
  expect(compilers.get(combination)).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("npm run tarballs packs the packages where there is no Rust", async () => {
  const withoutRust = { ...process.env, PATH: pathWithoutRust() };
  const cargo = await place.run("cargo", ["--version"], place.folder, withoutRust);
  // Where a system keeps cargo beside its shell, it can't be hidden.
  if (!cargoIsBesideShell()) expect(cargo.code).toBe("ENOENT");
  expect(place.tarballs).toEqual([
    "procwire-codec-msgpack-0.1.0.tgz",
    "procwire-faults-0.1.0.tgz",
    "procwire-mcp-0.1.0.tgz",
    "procwire-nats-0.1.0.tgz",
    "procwire-transport-0.1.0.tgz",
    "procwire-vscode-jsonrpc-0.1.0.tgz",
  ]);
});

test("the README's first two files run in the clone, too: the packages are linked at its root", async () => {
  const folder = join(root, "node_modules", ".cache", "procwire", "readme");
  mkdirSync(folder, { recursive: true });
  const files = live.filter(({ page, file }) => page === "README.md" && /^(?:parent|worker)\.mjs$/.test(file));
  for (const { file, code } of files) writeFileSync(join(folder, file), code);
  const ended = await place.node(["parent.mjs"], folder);
  expect(ended).toEqual({ code: 0, stdout: "42\n1\n2\n3\n", stderr: "" });
});

describe.each(pages)("%s", (page) => {
  const own = live.filter((block) => block.page === page);

  for (const block of own.filter(({ language, isUsed }) => language !== "text" && !isUsed)) {
    const { title, check } = block;
    const needsPython = own.some(({ language }) => language === "python") && names(block, "python3");
    const why = check === undefined ? "" : ` (not run: ${check})`;
    if (needsPython && !hasPython) test.skip(`${title}: skipped, because there is no python3 here`);
    else test.concurrent(`${title}, ${block.language}${why}`, () => checkBlock(block, own), 60_000);
  }

  for (const block of own.filter(({ words }) => words.includes("session"))) {
    test.concurrent.each(SESSION_WORKERS)(`${block.title}: the session, by a worker in %s`, async (kind) => {
      const steps = stepsOf(block.code);
      const { said, more } = await play(kind, place.folder, steps);
      for (const [at, { expect: expected }] of steps.entries()) expect(said[at]).toMatchObject(expected);
      expect(more).toEqual([]);
    });
  }
});

async function checkBlock(block: Block, page: readonly Block[]): Promise<void> {
  switch (block.language) {
    case "sh": {
      const printed = await runShell(block, place);
      const next = page[page.indexOf(block) + 1];
      if (next?.words.includes("output")) expect(printed).toBe(next.code);
      return;
    }
    case "json":
      JSON.parse(block.code);
      return;
    case "toml": {
      const resolved = await resolve(place, block);
      expect({ code: resolved.code, stderr: withoutLocking(resolved.stderr) }).toEqual({ code: 0, stderr: "" });
      return;
    }
    case "rust":
      expect(binaries.get(block)).toEqual({ code: 0, stdout: "", stderr: "" });
      return;
    default:
      await runBlock(block);
  }
}

async function runBlock({ page, file, language, check, code }: Block): Promise<void> {
  if (language === "ts" && check !== undefined) return;
  const folder = place.folderOf(page);
  const args = [...(check === undefined ? [] : ["--check"]), file.replace(/\.ts$/, ".js")];
  // What `pip install /path/to/procwire/python` would put there.
  const env = { ...process.env, PYTHONPATH: join(root, "python") };
  const [command, given] = language === "python" ? ["python3", [file]] : [process.execPath, args];
  const ended = await place.run(command, given, folder, env);
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: "" });
  if (check !== undefined) return;
  const printed = ended.stdout.split(/\r?\n/);
  for (const [, expected] of code.matchAll(EXPECTED)) expect(printed).toContain(expected);
}

async function compileAll(): Promise<void> {
  const typed = live.filter(({ language }) => language === "ts");
  for (const combination of COMBINATIONS) {
    compilers.set(combination, await compileTypeScript(place, typed, combination));
  }
}

/** How the compiler ended, for each block in Rust; those that are used by other blocks have to be there before. */
const binaries = new Map<Block, Ended>();

async function compileRust(): Promise<void> {
  const sources = live.filter(({ language }) => language === "rust");
  if (sources.length === 0) return;
  const libraries = await builtLibraries(place);
  for (const block of sources) {
    binaries.set(block, await compile(place, block, libraries));
  }
}

function names({ code, language }: Block, word: string): boolean {
  return language === "python" || code.includes(word);
}

/** What cargo tells about the lock file is no complaint. */
function withoutLocking(stderr: string): string {
  return stderr.replaceAll(/^ *(?:Locking|Adding|Updating|Downgrading|Removing|note:).*\n/gm, "");
}
