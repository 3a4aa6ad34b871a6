import { spawn, type ChildProcessByStdio } from "node:child_process";
import type { Readable } from "node:stream";
import { typescript } from "../support/paths.js";
import { isAlive } from "../support/wait-for.js";
import type { Soak } from "./lib/contract.js";
import { LoopLag } from "./lib/loop-lag.js";
import { program } from "./lib/program.js";
import { milliseconds } from "./lib/ledger.js";
import { sleep } from "./lib/sleep.js";
import { percentilesInWords } from "./lib/statistics.js";

const GONE_WITHIN_MS = 1_000;
const GIVE_UP_MS = 10_000;
const STATES = ["idle", "computing", "sleeping", "stopped", "blocked in write", "starting"];

/** What a parent says of its workers. */
interface Told {
  /** How long it took them to start, beside each other. */
  readonly startMs: number;
  readonly families: readonly Family[];
}

/** A worker in some state, and what it has started. */
interface Family {
  readonly state: string;
  readonly pids: readonly number[];
}

export const orphans: Soak = {
  name: "orphans",
  about: "N times a parent is killed by SIGKILL, with a worker in each of six states that has a child of its own",
  count: 50,
  short: 1,
  async run(times, ledger) {
    const lag = new LoopLag();
    for (const kind of ["rust", "node"]) {
      const took = new Map(STATES.map((state) => [state, [] as number[]]));
      const starts: number[] = [];
      for (let round = 0; round < times; round += 1) {
        const { startMs, families } = await killParent(kind);
        starts.push(startMs);
        await Promise.all(
          families.map(async (family) => took.get(family.state)?.push(await lifeOf(family, startMs, lag))),
        );
      }
      ledger.fact(`${kind} workers: to start`, percentilesInWords(starts));
      for (const [state, all] of took) {
        const late = all.filter((ms) => ms > GONE_WITHIN_MS).length;
        const how = kind === "node" && state === "stopped" ? "stopped, guarded" : state;
        ledger.none(`${kind} worker ${how}: there after 1 s`, late, all.length);
        ledger.fact("", percentilesInWords(all));
      }
    }
    lag.stop();
    ledger.fact("this event loop stood still for up to", milliseconds(lag.max));
  },
};

/** Resolves with those that are left behind. */
async function killParent(kind: string): Promise<Told> {
  const parent = spawn(process.execPath, typescript(program("orphaning-parent.ts"), kind), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const told = await toldBy(parent);
  const dead = told.families.find(({ pids }) => !pids.every(isAlive));
  if (dead !== undefined)
    throw new Error(`the ${kind} worker ${dead.state}, or its child, has ended before its parent`);
  parent.kill("SIGKILL");
  return told;
}

/** How long the worker, or what it had started, lives on; from when it can look, if it is still starting. Without our own lag. */
async function lifeOf({ state, pids }: Family, startMs: number, lag: LoopLag): Promise<number> {
  const killed = performance.now();
  while (pids.some(isAlive)) {
    if (performance.now() - killed > GIVE_UP_MS) {
      for (const pid of pids.filter(isAlive)) process.kill(pid, "SIGKILL");
      return Infinity;
    }
    await sleep(2);
  }
  const now = performance.now();
  const life = now - killed - lag.between(killed, now);
  return state === "starting" ? Math.max(0, life - startMs) : life;
}

/** It says all at once. */
function toldBy(parent: ChildProcessByStdio<null, Readable, null>): Promise<Told> {
  return new Promise((resolve, reject) => {
    parent.stdout.once("data", (chunk: Buffer) => {
      resolve(JSON.parse(chunk.toString()) as Told);
    });
    parent.once("exit", (code) => {
      reject(new Error(`the parent exited with code ${String(code)} before it had its workers`));
    });
  });
}
