import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const GIVE_UP_MS = 120_000;
/** A mutant that makes a test wait for ever should not cost more than this. */
const TEST_TIMEOUT_MS = 20_000;

/** `"broken"`: no test could be run, so nothing is shown. */
export interface Verdict {
  readonly kind: "passed" | "failed" | "hung" | "broken";
  /** The first test that failed. */
  readonly test: string | undefined;
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs these tests in this folder, up to the first failure. */
export async function runTests(folder: string, tests: readonly string[]): Promise<Verdict> {
  const reportFile = join(folder, "report.json");
  rmSync(reportFile, { force: true });
  const options = ["--bail=1", `--testTimeout=${TEST_TIMEOUT_MS}`, "--reporter=json", `--outputFile=${reportFile}`];
  const vitest = join(folder, "node_modules", "vitest", "vitest.mjs");
  const code = await exitCodeOf(folder, [vitest, "run", ...options, ...tests]);
  if (code === undefined) return { kind: "hung", test: undefined };
  if (!existsSync(reportFile)) return { kind: "broken", test: undefined };
  return judge(code, JSON.parse(readFileSync(reportFile, "utf8")) as Report);
}

function judge(code: number, { testResults }: Report): Verdict {
  const results = testResults.flatMap(({ assertionResults }) => assertionResults);
  const test = results.find(({ status }) => status === "failed")?.fullName;
  if (test !== undefined) return { kind: "failed", test };
  if (results.length === 0 || code === 0) return { kind: code === 0 && results.length > 0 ? "passed" : "broken", test };
  // An unhandled error, or a check after the tests of a file.
  return { kind: "failed", test: testResults.find(({ status }) => status === "failed")?.name ?? "an unhandled error" };
}

/** `undefined` when it had to be killed. */
function exitCodeOf(cwd: string, args: readonly string[]): Promise<number | undefined> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd, stdio: "ignore", detached: true });
    const timer = setTimeout(() => {
      // Its workers too.
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      resolve(undefined);
    }, GIVE_UP_MS);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}
