import { parseArgs } from "node:util";
import { resolve } from "node:path";
import type { Pace } from "./rounds.js";

export const HELP = `Measures @procwire/transport beside what else there is, in one run on one machine.

Usage: npm run bench -- [options]

  --quick           the most telling scenarios with short laps: under a minute, and noisier
  --only PATTERN    only where "SCENARIO RIVAL" matches this regular expression, such as
                    --only "in-flight-1000 (hand-loop|procwire)"
  --json FILE       write all figures, the spread and the machine to FILE
  --html FILE       write a page with plots to FILE; it needs no network
  --report          write docs/performance.md and .json, and the table in the README
  --from FILE       take the results of an earlier run from FILE instead of running
  --compare A B     what changed from A to B (two files of --json), and what is noise
  --list            print the scenarios and rivals by the names that --only knows
  --help`;

const THOROUGH: Pace = { quick: false, rounds: 5, lapMs: 320, warmUpMs: 300, budgetMs: 660_000, fewestRounds: 2 };
const QUICK: Pace = { quick: true, rounds: 3, lapMs: 70, warmUpMs: 100, budgetMs: 50_000, fewestRounds: 1 };

export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  readonly pace: Pace;
  /** Everything when absent. */
  readonly only: RegExp | undefined;
  readonly json: string | undefined;
  readonly html: string | undefined;
  readonly report: boolean;
  readonly from: string | undefined;
  readonly compare: readonly [string, string] | undefined;
}

/** Throws a `TypeError` for an unknown option, a `SyntaxError` for a pattern that is none. */
export function readOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      json: { type: "string" },
      html: { type: "string" },
      report: { type: "boolean", default: false },
      from: { type: "string" },
      compare: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { help, list, quick, only, json, html, report, from, compare } = values;
  const [second, ...surplus] = positionals;
  if ((second !== undefined && compare === undefined) || surplus.length > 0) {
    throw new TypeError(`Unexpected argument: ${positionals.at(-1)}`);
  }
  if (compare !== undefined && second === undefined) throw new TypeError("--compare needs two files");
  if (report && (quick || only !== undefined)) throw new TypeError("--report is made from a full run");
  return {
    ...{ help, list, pace: quick ? QUICK : THOROUGH, report },
    ...{ json: pathOf(json), html: pathOf(html), from: pathOf(from) },
    only: only === undefined ? undefined : new RegExp(only, "i"),
    compare: compare === undefined || second === undefined ? undefined : [pathOf(compare), pathOf(second)],
  };
}

/** Relative to the folder in which the user called npm, which starts scripts elsewhere. */
function pathOf(file: string): string;
function pathOf(file: string | undefined): string | undefined;
function pathOf(file: string | undefined): string | undefined {
  return file === undefined ? undefined : resolve(process.env["INIT_CWD"] ?? ".", file);
}
