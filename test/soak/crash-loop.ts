import { createStdioChannel, createStdioPool, type Pool, type RestartOptions } from "@procwire/transport";
import { rustWorker } from "../support/paths.js";
import { Mortal, mostWithin } from "./crash-loop/mortal.js";
import type { Soak } from "./lib/contract.js";
import { count, type Ledger } from "./lib/ledger.js";
import { sleep } from "./lib/sleep.js";

interface Budget {
  readonly maxRestarts: number;
  readonly withinMs: number;
  readonly maxDelayMs: number;
}

/** The defaults: of a channel, and for each worker of a pool. */
const MAX_RESTARTS = 10;
const WITHIN_MS = 60_000;
const MAX_DELAY_MS = 10_000;
/** Nothing but the budget holds it back. */
const HASTY: Budget & { readonly minDelayMs: number } = {
  maxRestarts: 10,
  withinMs: 30_000,
  minDelayMs: 1,
  maxDelayMs: 5,
};
/** From the end of the delay until the worker has noted its start, on a machine that has other things to do as well. */
const START_MS = 2_000;
/** Without the first minute this process has hardly anything to do, and it is too early to judge. */
const JUDGED_SECONDS = 60;
const MAX_CPU_SHARE = 0.01;
const ASK_MS = 500;

export const crashLoop: Soak = {
  name: "crash-loop",
  about: "for N seconds workers that die at once, under a channel, and under two pools with one worker that lives",
  count: 600,
  short: 3,
  async run(seconds, ledger) {
    const mortals = { channel: new Mortal(), pool: new Mortal(), hasty: new Mortal() };
    const channel = await createStdioChannel(mortals.channel.command.command, {
      args: mortals.channel.command.args,
      restart: { minDelayMs: 1, maxDelayMs: 20 },
      stderr: "ignore",
    });
    const pool = await startPool(mortals.pool, true);
    const hasty = await startPool(mortals.hasty, HASTY);
    const began = performance.now();
    const cpu = process.cpuUsage();
    const asked = await Promise.all([askFor(seconds, pool), askFor(seconds, hasty)]);
    const { user, system } = process.cpuUsage(cpu);
    const share = (user + system) / 1_000 / (performance.now() - began);

    const end = await Promise.race([channel.closed, sleep(0)]);
    ledger.check("channel: starts", mortals.channel.starts.length === 1 + MAX_RESTARTS, mortals.channel.starts.length);
    ledger.check("channel: ended with", end?.code === "RESTARTS_EXHAUSTED", end?.code ?? "nothing");
    const budget = { maxRestarts: 2 * MAX_RESTARTS, withinMs: WITHIN_MS, maxDelayMs: MAX_DELAY_MS };
    judge("pool", mortals.pool, budget, ledger);
    judge("pool without delays", mortals.hasty, HASTY, ledger);
    const [made, failed] = [asked[0].made + asked[1].made, asked[0].failed + asked[1].failed];
    ledger.none("requests of the pools that failed", failed, made);
    const words = `${(share * 100).toFixed(2)} %`;
    if (seconds < JUDGED_SECONDS) ledger.fact("CPU of this process", words);
    else ledger.check("CPU of this process, at most 1 %", share <= MAX_CPU_SHARE, words);
    await Promise.all([channel, pool, hasty].map((one) => one.close()));
    for (const mortal of Object.values(mortals)) mortal.forget();
  },
};

/** One place has workers that die at once, the other one that lives. */
function startPool(mortal: Mortal, restart: boolean | RestartOptions): Promise<Pool> {
  const living = { command: rustWorker, args: ["--quiet"] };
  return createStdioPool([living, mortal.command], { size: 2, restart, stderr: "ignore" });
}

/** A few small requests all the time. One may meet a worker that is about to die, and is sent again. */
async function askFor(seconds: number, pool: Pool): Promise<{ made: number; failed: number }> {
  const asked = { made: 0, failed: 0 };
  const end = performance.now() + seconds * 1_000;
  while (performance.now() < end) {
    asked.made += 1;
    const sum = pool.request<number>("add", { a: asked.made, b: 1 }, { idempotent: true, timeout: 10_000 });
    await sum.then(
      (value) => (asked.failed += value === asked.made + 1 ? 0 : 1),
      () => (asked.failed += 1),
    );
    await sleep(ASK_MS);
  }
  return asked;
}

/** The budget counts restarts when they are planned, up to `maxDelayMs` before they happen. */
function judge(name: string, mortal: Mortal, budget: Budget, ledger: Ledger): void {
  const restarts = mortal.starts.slice(1);
  const { maxRestarts, withinMs, maxDelayMs } = budget;
  const window = withinMs - maxDelayMs - START_MS;
  const most = mostWithin(restarts, window);
  const span = (restarts.at(-1) ?? 0) - (restarts[0] ?? 0);
  const windows = 1 + Math.floor((span + maxDelayMs + START_MS) / withinMs);
  const isWithin = most <= maxRestarts && restarts.length <= windows * maxRestarts && restarts.length > 0;
  const inAll = `${count(restarts.length)} in all, at most ${count(most)} within ${window / 1_000} s`;
  ledger.check(`${name}: restarts, ${maxRestarts} within ${withinMs / 1_000} s`, isWithin, inAll);
}
