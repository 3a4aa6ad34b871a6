/** Lines of shell blocks: what sets up a machine or the clone is checked, all else is run in the folder of its page. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "../support/paths.js";
import type { Block } from "./blocks.js";
import type { Ended, Place } from "./place.js";

type Check = (words: readonly string[], place: Place) => string | undefined;

const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> })
  .scripts;

const hasScript: Check = ([, first = "", second = ""]) => {
  const name = first === "run" ? second : first;
  return name in scripts ? undefined : `package.json has no script ${name}`;
};

const hasTarballs: Check = (words, place) => {
  const tarballs = words.filter((word) => word.endsWith(".tgz")).map((word) => basename(word));
  const missing = tarballs.find((name) => !place.tarballs.includes(name));
  if (missing !== undefined) return `npm run tarballs makes no ${missing}, but ${place.tarballs.join(", ")}`;
  return words.slice(2).every((word) => /\.tgz$|^(?:-D|typescript|tsx|@types\/node)$/.test(word))
    ? undefined
    : "what it installs is not in the test's folder";
};

/** What is true without being run: the tests have installed and built it already. */
const CHECKS: readonly (readonly [RegExp, Check])[] = [
  [/^npm (?:start|test|run) ?/, hasScript],
  [/^npm install /, hasTarballs],
  [/^(?:mkdir|cd|cargo (?:new|init|build)) /, () => undefined],
];

/** Runs or checks each line; returns what they printed together. Throws with the line that failed. */
export async function runShell(block: Block, place: Place): Promise<string> {
  let printed = "";
  for (const line of linesOf(block.code)) {
    const known = CHECKS.find(([pattern]) => pattern.test(line));
    const words = line.split(/\s+/);
    if (known !== undefined) {
      const problem = known[1](words, place);
      if (problem !== undefined) throw new Error(`${block.title}: ${line}\n${problem}`);
      continue;
    }
    const ended = await runLine(line, words, place, place.folderOf(block.page));
    if (ended.code !== 0 || ended.stderr !== "") throw new Error(`${block.title}: ${line}\n${JSON.stringify(ended)}`);
    printed += ended.stdout;
  }
  return printed;
}

/** Node is the one that runs the tests; on the way to it no shell is needed. */
function runLine(line: string, words: readonly string[], place: Place, cwd: string): Promise<Ended> {
  if (words[0] === "node") return place.node(words.slice(1), cwd);
  // What npx would find, without npm's own words on stderr.
  const installed = line.replaceAll(/\bnpx (?=procwire)/g, `"${place.folder}/node_modules/.bin/"`);
  return place.run("sh", ["-c", place.fillIn(installed)], cwd);
}

function linesOf(code: string): string[] {
  return code
    .replaceAll("\\\n", " ")
    .split("\n")
    .map((line) => line.replace(/(^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}
