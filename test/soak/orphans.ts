import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { typescript } from "../support/paths.js";
import { isAlive } from "../support/wait-for.js";
import type { Soak } from "./lib/contract.js";
import { inParallel } from "./lib/in-parallel.js";
import { program } from "./lib/program.js";
import { sleep } from "./lib/sleep.js";
import { percentilesInWords } from "./lib/statistics.js";

const GONE_WITHIN_MS = 1_000;
/** How long the state is given to settle before the parent is killed. */
const SETTLE_MS = 100;
const GIVE_UP_MS = 10_000;

export const orphans: Soak = {
  name: "orphans",
  about: "N times in each state of each worker, its parent is killed by SIGKILL",
  count: 50,
  short: 1,
  async run(times, ledger) {
    for (const kind of ["rust", "node"]) {
      for (const state of ["idle", "computing", "blocked in write"]) {
        const took: number[] = [];
        // Two at a time: while one is measured, the next starts.
        await inParallel(times, 2, async () => void took.push(await orphan(kind, state)));
        const late = took.filter((ms) => ms > GONE_WITHIN_MS).length;
        ledger.none(`${kind} worker ${state}: there after 1 s`, late, times);
        ledger.fact("", percentilesInWords(took));
      }
    }
  },
};

/** How long the worker lived on after its parent, in milliseconds. */
async function orphan(kind: string, state: string): Promise<number> {
  const parent = spawn(process.execPath, typescript(program("orphaning-parent.ts"), kind, state), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const pid = await firstNumber(parent);
  await sleep(SETTLE_MS);
  if (!isAlive(pid)) throw new Error(`the ${kind} worker ${state} has ended before its parent`);
  parent.kill("SIGKILL");
  const killed = performance.now();
  while (isAlive(pid)) {
    if (performance.now() - killed > GIVE_UP_MS) {
      process.kill(pid, "SIGKILL");
      return Infinity;
    }
    await sleep(2);
  }
  return performance.now() - killed;
}

function firstNumber(parent: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  return new Promise((resolve, reject) => {
    parent.stdout.once("data", (chunk: Buffer) => {
      resolve(Number(chunk.toString()));
    });
    parent.once("exit", (code) => {
      reject(new Error(`the parent exited with code ${String(code)} before it had a worker`));
    });
  });
}
