/**
 * The code blocks of the documents, and what is done with each.
 *
 * A block whose first line is a comment with a file's name (`// worker.mjs`, `# Cargo.toml`) is that file; where the
 * language has no comments, the fence says it: `json file="package.json"`. All blocks of a page share one folder.
 *
 * | language | what happens |
 * |---|---|
 * | `ts`, `js` | it runs to its end with exit code 0 and nothing on stderr, and prints what its comments behind `console.log` say; a file that another block of the page names is run by that one. TypeScript is type-checked |
 * | `python`, `rust` | the same; `rust` is compiled against the built library |
 * | `sh` | each line is run, or checked where it sets something up: see shell.ts |
 * | `toml`, `json` | it is read: a `Cargo.toml` by cargo |
 * | `text` | a picture for people. `text output`: what the shell block before it prints. `text session`: `-->` is sent to a worker in Rust and to one in Node, which must answer with `<--` |
 *
 * `check="why"` at the fence keeps a block from running: it is type-checked (`ts`) or parsed (`js`) only.
 * `skip="why"` takes it out altogether, for languages that nothing here reads.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../support/paths.js";

export interface Block {
  /** The document and the line, for the names of tests. */
  readonly title: string;
  readonly page: string;
  readonly language: string;
  /** The other words at the fence. */
  readonly words: readonly string[];
  readonly code: string;
  /** The name of its file, in the folder of its page. */
  readonly file: string;
  readonly check: string | undefined;
  readonly skip: string | undefined;
  /** Another block of its page names its file, and so uses it. */
  readonly isUsed: boolean;
}

type Plain = Omit<Block, "isUsed">;

const FENCE = /^(`{3,})([^\n`]*)\n([\s\S]*?)^\1$/gm;
const NAMED = /^(?:\/\/|#) ([\w./-]+\.\w+|Dockerfile)\n/;
const EXTENSIONS: Readonly<Record<string, string>> = { ts: "ts", js: "mjs", python: "py", rust: "rs" };

/** Every page that has code: those at the root, the folder `docs`, and what the packages' tarballs contain. */
export function findPages(): string[] {
  const packages = readdirSync(join(root, "packages")).map((name) => `packages/${name}/README.md`);
  const docs = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  return ["README.md", "CONTRIBUTING.md", ...docs.map((name) => `docs/${name}`), ...packages];
}

export function readBlocks(page: string, text: string = readPage(page)): Block[] {
  const blocks = [...text.matchAll(FENCE)].map((match) => blockOf(page, text, match));
  return blocks.map((block) => ({
    ...block,
    isUsed: blocks.some((other) => other !== block && isRun(other) && names(other.code, block.file)),
  }));
}

/** Fences that no block was made of: indented ones, other ones, ones without an end. */
export function strayFences(page: string, text: string = readPage(page)): string[] {
  return text.replaceAll(FENCE, "").match(/^[ \t>]*(?:`{3,}|~{3,}).*$/gm) ?? [];
}

function readPage(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

function blockOf(page: string, text: string, { index = 0, 2: info = "", 3: code = "" }: RegExpMatchArray): Plain {
  const line = text.slice(0, index).split("\n").length;
  const [language = "", ...words] = info
    .replaceAll(/\w+="[^"]*"/g, "")
    .trim()
    .split(/\s+/);
  const valueOf = (name: string): string | undefined => new RegExp(`\\b${name}="([^"]*)"`).exec(info)?.[1];
  const unnamed = `block-${line}.${EXTENSIONS[language] ?? "txt"}`;
  return {
    title: `${page}:${line}`,
    ...{ page, language, words, code },
    file: valueOf("file") ?? NAMED.exec(code)?.[1] ?? unnamed,
    check: valueOf("check"),
    skip: valueOf("skip"),
  };
}

/** Whether it does something with the files that it names. */
function isRun({ language, check, skip }: Plain): boolean {
  return !["text", "json", "toml"].includes(language) && check === undefined && skip === undefined;
}

/** Whether the code names the file, as a word of its own. */
function names(code: string, file: string): boolean {
  const escaped = file.replaceAll(/[.\\/]/g, "\\$&");
  return new RegExp(`(?:^|[\\s"'\`/])${escaped}(?=$|[\\s"'\`);])`, "m").test(code.replace(NAMED, ""));
}
