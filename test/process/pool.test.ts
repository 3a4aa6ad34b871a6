// A pool over workers that die in earnest.

import { createStdioPool, type Pool } from "@procwire/transport";
import { expect, onTestFinished, test } from "vitest";
import { faultyNode, faultyRust } from "../support/faulty-programs.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";
import { Witness } from "../support/witness.js";

const KILLS = 30;
const IN_FLIGHT = 64;
const SIZE = 4;
const RESTART = { minDelayMs: 1, maxDelayMs: 20, maxRestarts: Infinity } as const;

/** Node and Rust workers, in turns; what they have executed is held against what callers were told. */
async function startPool(): Promise<Pool> {
  const witness = new Witness();
  const pool = await createStdioPool(
    [faultyNode, faultyRust].map(({ command, args }) => ({ command, args })),
    { size: SIZE, restart: RESTART, stderr: "ignore", shutdown: { graceMs: 100, termMs: 100 }, env: witness.log.env },
  );
  witness.watch(pool);
  onTestFinished(async () => {
    await pool.close();
    expect(witness.lies()).toEqual([]);
  });
  return pool;
}

function pids(pool: Pool): number[] {
  return pool
    .stats()
    .workers.map(({ pid }) => pid)
    .filter((pid) => pid !== undefined);
}

/** Keeps so many requests in flight while one worker after the other is killed, and tells the outcomes. */
async function killUnderLoad(pool: Pool, idempotent: boolean): Promise<PromiseSettledResult<unknown>[]> {
  const outcomes: Promise<unknown>[] = [];
  let isOver = false;
  const lanes = Array.from({ length: IN_FLIGHT }, async (_, lane) => {
    for (let n = 0; !isOver; n += 1) {
      const outcome = pool.request("echo", { value: `${lane} ${n}` }, { idempotent, timeout: 20_000 });
      outcomes.push(outcome);
      await Promise.allSettled([outcome]);
    }
  });
  for (let kills = 0; kills < KILLS; kills += 1) {
    await waitFor(() => pids(pool).length > 0);
    const running = pids(pool);
    const victim = running[kills % running.length]!;
    process.kill(victim, "SIGKILL");
    await waitFor(() => !pids(pool).includes(victim));
  }
  isOver = true;
  await Promise.all(lanes);
  return Promise.allSettled(outcomes);
}

test("idempotent requests all succeed while workers are killed under load", async () => {
  const pool = await startPool();
  const failed = (await killUnderLoad(pool, true)).filter(({ status }) => status === "rejected");
  expect(failed).toEqual([]);
  expect(pool.stats()).toMatchObject({ inFlight: 0, queued: 0 });
}, 60_000);

test("other requests fail with the exit of their worker, and none runs twice", async () => {
  const pool = await startPool();
  const outcomes = await killUnderLoad(pool, false);
  for (const outcome of outcomes) {
    if (outcome.status === "rejected")
      expect(outcome.reason).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
  }
  expect(outcomes.some(({ status }) => status === "fulfilled")).toBe(true);
}, 60_000);

test("a Node worker that computes on when its request is cancelled is killed, and only that one", async () => {
  const pool = await createStdioPool(faultyNode.command, {
    args: faultyNode.args,
    size: 2,
    restart: RESTART,
    killAfterCancelMs: 100,
  });
  onTestFinished(() => pool.close());
  const [first, second] = pids(pool) as [number, number];
  expect(await rejectionOf(pool.request("spin", {}, { timeout: 50 }))).toMatchObject({ code: "TIMEOUT" });
  await waitFor(() => !isAlive(first));
  await waitFor(() => pool.health().workers.ready === 2);
  expect(pids(pool)).toContain(second);
  expect(pool.stats().workers.every(({ memoryBytes = 1 }) => memoryBytes > 0)).toBe(true);
});
