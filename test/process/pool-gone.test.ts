// A pool whose workers have all ended before a request finds out.

import { createStdioChannel, createStdioPool, type Pool } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { faultyPrograms, type FaultyProgram } from "../support/faulty-programs.js";
import { rejectionOf, waitFor } from "../support/wait-for.js";

const RESTART = { minDelayMs: 1, maxDelayMs: 20, maxRestarts: Infinity } as const;
const SIZE = 3;
const ROUNDS = 10;

async function startPool({ command, args }: FaultyProgram): Promise<Pool> {
  const pool = await createStdioPool(command, { args, size: SIZE, restart: RESTART, stderr: "ignore" });
  onTestFinished(() => pool.close());
  return pool;
}

function killAll(pool: Pool): void {
  for (const { pid } of pool.stats().workers) process.kill(pid!, "SIGKILL");
}

/** Lets nothing but time pass: what happens meanwhile is not heard of. */
function block(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

describe.each(faultyPrograms)("all $name workers of a pool are killed at one instant", (program) => {
  test("and a lone idempotent request that comes after that is answered, not quarantined", async () => {
    const pool = await startPool(program);
    for (let round = 0; round < ROUNDS; round += 1) {
      await waitFor(() => pool.health().workers.ready === SIZE);
      killAll(pool);
      // They are dead, and nobody here has heard of it.
      block(100);
      expect(await pool.request("echo", { value: round }, { idempotent: true, timeout: 20_000 })).toBe(round);
    }
  }, 60_000);

  test("and a request that they did not live to be sent says so", async () => {
    const pool = await startPool(program);
    killAll(pool);
    block(100);
    const error = await rejectionOf(pool.request("echo", { value: 1 }));
    expect(error).toMatchObject({ code: "WORKER_EXITED", delivery: "not-sent" });
  });

  test("and requests that are made as soon as that is known go to the next ones", async () => {
    const { command, args } = program;
    const channel = await createStdioChannel(command, { args, restart: RESTART, stderr: "ignore" });
    onTestFinished(() => channel.close());
    process.kill(channel.pid!, "SIGKILL");
    const first = rejectionOf(channel.request("echo", { value: 1 }));
    block(100);
    // The exit is heard of in the next turns, and the end of the channel's life comes with the last words.
    const answers: Promise<unknown>[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (turn > 1) answers.push(channel.request("echo", { value: turn }));
    }
    expect(await first).toMatchObject({ code: "WORKER_EXITED" });
    expect(await Promise.all(answers)).toEqual([2, 3, 4]);
  });
});
