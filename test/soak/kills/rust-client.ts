import { execFile } from "node:child_process";
import { rustExample } from "../../support/paths.js";
import type { Soak } from "../lib/contract.js";

/** What a call may be late by, beside the time for which its process did not run. */
const LATE_MS = 50;
/** In short, as a part of the suite: beside other tests, on machines that others use. */
const SHORT_LATE_MS = 500;

interface Counted {
  readonly faults: number;
  readonly calls: number;
  readonly settled: number;
  readonly wrong: number;
  readonly worstMs: number;
  readonly open: number;
  readonly restarts: number;
  readonly before: string;
  readonly after: string;
  readonly left: boolean;
}

export const rustClient: Soak = {
  name: "rust-client",
  about: "N kills, exits, aborts, stops, cancels and timeouts of workers under the client in Rust",
  count: 10_000,
  short: 96,
  async run(faults, ledger, random) {
    const counted = await run(faults, random.seed);
    ledger.check("faults", counted.faults === faults, counted.faults);
    ledger.fact("calls", String(counted.calls));
    ledger.check("calls settled once", counted.settled === counted.calls, counted.settled);
    ledger.check("calls that were left open", counted.open === 0, counted.open);
    ledger.check("outcomes that can't be", counted.wrong === 0, counted.wrong);
    const lateMs = faults < rustClient.count ? SHORT_LATE_MS : LATE_MS;
    ledger.check(
      `the latest call, at most ${lateMs} ms`,
      counted.worstMs <= lateMs,
      `${counted.worstMs.toFixed(1)} ms`,
    );
    ledger.fact("restarts", String(counted.restarts));
    ledger.check("files and threads", !counted.left, `${counted.before} before, ${counted.after} after`);
  },
};

function run(faults: number, seed: number): Promise<Counted> {
  return new Promise((resolve, reject) => {
    execFile(rustExample("faults"), [String(faults), String(seed)], (error, stdout, stderr) => {
      if (error === null) resolve(JSON.parse(stdout) as Counted);
      else reject(new Error(`the program of the Rust client has failed: ${stderr}`, { cause: error }));
    });
  });
}
