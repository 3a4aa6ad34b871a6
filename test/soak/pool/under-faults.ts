import { readdirSync } from "node:fs";
import { createStdioPool, type PoolStats, type StdioPoolOptions } from "@procwire/transport";
import { faultyPrograms } from "../../support/faulty-programs.js";
import { children } from "../lib/children.js";
import type { Ledger } from "../lib/ledger.js";
import { sleep } from "../lib/sleep.js";
import type { Callers } from "./callers.js";
import { Faults } from "./faults.js";

export const SIZE = 4;
const QUIET_WITHIN_MS = 5_000;

const OPTIONS: StdioPoolOptions = {
  size: SIZE,
  restart: { minDelayMs: 1, maxDelayMs: 20, maxRestarts: Infinity },
  shutdown: { graceMs: 100, termMs: 100 },
  stderr: "ignore",
};

interface Outcome {
  readonly stats: PoolStats;
  /** By fault: what the requests that were lost by it waited for their rejection. */
  readonly rejectionMs: ReadonlyMap<string, readonly number[]>;
}

/**
 * One pool from its start to its end, with the callers at work and one fault after the other.
 *
 * @param beside is called after each fault
 */
export async function underFaults(
  order: readonly string[],
  options: StdioPoolOptions,
  callers: Callers,
  ledger: Ledger,
  beside: (at: number) => Promise<void> = () => Promise.resolve(),
): Promise<Outcome> {
  // Node and Rust workers, in turns.
  const programs = faultyPrograms.map(({ command, args }) => ({ command, args: [...args, "--heartbeat"] }));
  const others = new Set(children());
  const filesBefore = openFiles();
  const pool = await createStdioPool(programs, { ...OPTIONS, ...options, env: callers.log.env });
  const faults = new Faults(pool, callers);
  const rejectionMs = new Map<string, number[]>();
  const calling = callers.run(pool);
  for (const [at, fault] of order.entries()) {
    await faults.happen(fault);
    await beside(at);
    const took = callers.rejectionMs.splice(0);
    rejectionMs.set(fault, [...(rejectionMs.get(fault) ?? []), ...took]);
  }
  callers.finish();
  await calling;
  const stats = pool.stats();
  const before = children().filter((pid) => !others.has(pid));
  await pool.close();
  // By their parent, because the ids of the dead are given to others.
  const left = children().filter((pid) => !others.has(pid));

  const kinds = [...new Set(order)].map((fault) => `${order.filter((one) => one === fault).length} ${fault}`);
  ledger.fact("faults", kinds.join(", "));
  ledger.fact("  restarts, requests sent again", `${stats.restarts}, ${stats.repeated}`);
  ledger.fact("  in flight when a fault happened, least", faults.leastInFlight);
  ledger.check("  in flight at the end", stats.inFlight === 0, stats.inFlight);
  ledger.none("  faults that ended no worker", faults.vain, order.length);
  const files = await settled(filesBefore);
  ledger.check("  open files", files <= filesBefore, `${filesBefore} before, ${files} after`);
  ledger.none("  workers that outlived the pool", left.length, before.length);
  return { stats, rejectionMs };
}

function openFiles(): number {
  return readdirSync("/proc/self/fd").length;
}

/** Handles are closed in a later turn. */
async function settled(before: number): Promise<number> {
  const deadline = performance.now() + QUIET_WITHIN_MS;
  while (openFiles() > before && performance.now() < deadline) await sleep(20);
  return openFiles();
}
