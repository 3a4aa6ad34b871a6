import { features, peers, type Feature, type Peer } from "./rows.js";

/** A test of the last run; kept in docs/peers.json. */
export interface Ran {
  /** Below test/interop, without its ending. */
  readonly file: string;
  /** Those of the groups around it and its own. */
  readonly names: readonly string[];
  readonly status: "passed" | "failed" | "skipped";
}

const BEGIN = "<!-- peers: made by `npm run peers` -->\n\n";
const END = "\n<!-- end of peers -->";

/** The README with the table of these tests in its place. */
export function withTable(readme: string, tests: readonly Ran[]): string {
  const [from, to] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`README.md has lost its place for the table: ${BEGIN.trim()}`);
  return readme.slice(0, from + BEGIN.length) + tableOf(tests) + readme.slice(to);
}

function tableOf(tests: readonly Ran[]): string {
  const rows = peers.map((peer) => {
    const own = testsOf(peer, tests);
    return [peer.title, ...features.map((feature) => cellOf(feature, own)), cell(own)];
  });
  const head = ["peer", ...features.map(({ title }) => title), "tests"];
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [line(head), line(["---", ...head.slice(1).map(() => ":---:")]), ...rows.map(line)].join("");
}

export function testsOf({ file, begins = "" }: Peer, tests: readonly Ran[]): Ran[] {
  // vitest puts names that come from a table into quotes.
  return tests.filter((test) => test.file === file && (test.names[0] ?? "").replace(/^'/, "").startsWith(begins));
}

function cellOf({ says }: Feature, own: readonly Ran[]): string {
  return cell(own.filter(({ names }) => says.test(names.at(-1) ?? "")));
}

function cell(tests: readonly Ran[]): string {
  const ran = tests.filter(({ status }) => status !== "skipped");
  if (tests.length === 0) return "";
  if (ran.length === 0) return "not there";
  const passed = ran.filter(({ status }) => status === "passed").length;
  return passed === ran.length ? `${passed}` : `**${passed} of ${ran.length}**`;
}
