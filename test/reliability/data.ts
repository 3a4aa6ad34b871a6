import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describeMachine, machineInWords } from "../../bench/src/machine.js";
import { readReport, type SoakReport } from "../soak/lib/report.js";
import { root } from "../support/paths.js";
import { promises } from "./promises.js";

/** Passed and failed tests. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

/** All that docs/reliability.md is made of; kept in docs/reliability.json. */
export interface Data {
  readonly machine: string;
  readonly soaks: readonly SoakReport[];
  /** By file, from the root. */
  readonly tests: Readonly<Record<string, Count>>;
  /** By test program of the Rust worker. */
  readonly cargo: Readonly<Record<string, Count>>;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Reads what the runs of `npm run reliability` have left. */
export function collect(cacheDirectory: string): Data {
  const names = new Set(promises.flatMap(({ soaks = {} }) => Object.keys(soaks)));
  return {
    machine: machineInWords({ ...describeMachine(), load: 0 }),
    soaks: [...names].sort().map(readReport),
    tests: countTests(JSON.parse(readFileSync(join(cacheDirectory, "vitest.json"), "utf8")) as VitestReport),
    cargo: countCargo(readFileSync(join(cacheDirectory, "cargo-test.txt"), "utf8")),
  };
}

function countTests({ testResults }: VitestReport): Record<string, Count> {
  const counts = testResults.map(({ name, status, assertionResults }): [string, Count] => {
    const passed = assertionResults.filter((test) => test.status === "passed").length;
    const failed = assertionResults.filter((test) => test.status === "failed").length;
    // A file that could not even be loaded has no tests.
    const path = relative(root, name).replaceAll("\\", "/");
    return [path, { passed, failed: status === "failed" ? Math.max(failed, 1) : failed }];
  });
  // The page's own test looks at the page before.
  const others = counts.filter(([path]) => !path.startsWith("test/reliability/"));
  return Object.fromEntries(others.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function countCargo(output: string): Record<string, Count> {
  const programs = /Running tests\/(\w+)\.rs[^]*?test result: \w+\. (\d+) passed; (\d+) failed/g;
  const counts = [...output.matchAll(programs)].map(([, name = "", passed, failed]): [string, Count] => [
    name,
    { passed: Number(passed), failed: Number(failed) },
  ]);
  return Object.fromEntries(counts.sort(([one], [other]) => (one < other ? -1 : 1)));
}
