import { parseArgs } from "node:util";
import type { Pace } from "./rounds.js";

export const HELP = `Measures @procwire/transport beside what else there is, in one run on one machine.

Usage: npm run bench -- [options]

  --quick          short laps: under a minute, and noisier
  --only PATTERN   only where "SCENARIO RIVAL" matches this regular expression, such as
                   --only "in-flight-1000 (hand-loop|procwire)"
  --json FILE      write all figures, the spread and the machine to FILE
  --list           print the scenarios and rivals by the names that --only knows
  --help`;

const THOROUGH: Pace = { rounds: 7, lapMs: 700, warmUpMs: 700 };
const QUICK: Pace = { rounds: 3, lapMs: 120, warmUpMs: 200 };

export interface Options {
  readonly help: boolean;
  readonly list: boolean;
  readonly quick: boolean;
  readonly pace: Pace;
  readonly only: RegExp;
  readonly json: string | undefined;
}

/** Throws a `TypeError` for an unknown option, a `SyntaxError` for a pattern that is none. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      json: { type: "string" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const { help, list, quick, only, json } = values;
  return { help, list, quick, pace: quick ? QUICK : THOROUGH, only: new RegExp(only, "i"), json };
}
