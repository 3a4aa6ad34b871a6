import { getEventListeners } from "node:events";
import { readdirSync } from "node:fs";
import { createStdioChannel } from "@procwire/transport";
import { children } from "./lib/children.js";
import type { Soak } from "./lib/contract.js";
import { inParallel } from "./lib/in-parallel.js";
import type { Random } from "./lib/random.js";
import { sleep } from "./lib/sleep.js";
import { startFaultyWorker, startRustWorker } from "./lib/workers.js";

const QUIET_WITHIN_MS = 5_000;

/** What must be the same before and after. */
interface Baseline {
  readonly "open files": number;
  readonly "listeners on process": number;
  readonly "listeners on the shared signal": number;
  readonly "active resources": number;
  readonly "child processes": number;
}

const ENDS = ["close", "exit", "kill", "abort", "fail"] as const;

export const cycles: Soak = {
  name: "cycles",
  about: "N times a worker is started, called, and ended in one of five ways",
  count: 1_000,
  short: 50,
  async run(times, ledger, random) {
    const shared = new AbortController();
    // The first ones load what stays loaded.
    for (const end of ENDS) await cycle(end, shared.signal, random);
    const before = measure(shared.signal);
    await inParallel(times, 3, (round) => cycle(ENDS[round % ENDS.length] ?? "close", shared.signal, random));
    const after = await settled(before, shared.signal);
    for (const what of Object.keys(before) as (keyof Baseline)[]) {
      ledger.check(what, after[what] <= before[what], `${before[what]} before, ${after[what]} after`);
    }
  },
};

async function cycle(end: (typeof ENDS)[number], shared: AbortSignal, random: Random): Promise<void> {
  if (end === "fail") {
    await createStdioChannel("/no/such/program", { signal: shared }).catch(() => undefined);
    return;
  }
  const own = new AbortController();
  const signal = end === "abort" ? own.signal : shared;
  const start = random.next() < 0.75 ? startRustWorker : startFaultyWorker;
  const channel = await start({ signal, timeout: 60_000 });
  await channel.request("echo", { value: 1, message: 1 }, { signal: shared });
  const waiting = channel
    .request("fibonacci_recursive", { n: 60 }, { signal: shared, timeout: 30_000 })
    .catch(() => undefined);
  if (end === "exit") await channel.notify("shutdown");
  if (end === "kill" && channel.pid !== undefined) process.kill(channel.pid, "SIGKILL");
  if (end === "abort") own.abort();
  if (end !== "close") await channel.closed;
  await channel.close();
  await waiting;
}

function measure(shared: AbortSignal): Baseline {
  return {
    "open files": readdirSync("/proc/self/fd").length,
    "listeners on process": process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
    "listeners on the shared signal": getEventListeners(shared, "abort").length,
    "active resources": process.getActiveResourcesInfo().length,
    "child processes": children().length,
  };
}

/** Handles are closed in a later turn: waits a moment for the last of them. */
async function settled(before: Baseline, shared: AbortSignal): Promise<Baseline> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  for (;;) {
    const now = measure(shared);
    const isBack = (Object.keys(before) as (keyof Baseline)[]).every((what) => now[what] <= before[what]);
    if (isBack || performance.now() > deadline) return now;
    await sleep(20);
  }
}
