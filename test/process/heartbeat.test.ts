// Workers that are asked whether they live: the stopped and the wedged are killed and replaced, the busy are not.

import { createStdioChannel, type Channel, type HeartbeatOptions, type StdioChannelOptions } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { faultyPrograms } from "../support/faulty-programs.js";
import { startFaulty } from "../support/faulty-worker.js";
import { fixture, rustWorker, typescript } from "../support/paths.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

const HEARTBEAT: HeartbeatOptions = { intervalMs: 100, timeoutMs: 100, misses: 3 };
const RESTART = { minDelayMs: 1, maxDelayMs: 10 } as const;
/** Longer than any of these would live without a sign of life. */
const LONG_MS = 1_000;
/** A killed worker is known to be dead after this time, on a machine that has other things to do as well. */
const PATIENCE_MS = 5_000;

async function start(command: string, options: StdioChannelOptions): Promise<Channel> {
  const channel = await createStdioChannel(command, { restart: RESTART, heartbeat: HEARTBEAT, ...options });
  onTestFinished(() => channel.close());
  return channel;
}

const workers: readonly (readonly [string, () => Promise<Channel>])[] = [
  ["Rust", () => start(rustWorker, {})],
  ["Node", () => start(process.execPath, { args: typescript(fixture("busy-worker.ts")) })],
];

/** Resolves when it has answered a heartbeat. */
function heard(channel: Channel): Promise<void> {
  return waitFor(() => channel.health().roundTripMs !== undefined, 20_000);
}

describe.each(workers)("a %s worker with a heartbeat", (_, open) => {
  test("that is stopped is killed and replaced, and its request fails with that", async () => {
    const channel = await open();
    await heard(channel);
    const pid = channel.pid!;
    process.kill(pid, "SIGSTOP");
    const stoppedAt = performance.now();
    const lost = await rejectionOf(channel.request("add", { a: 1, b: 1 }));
    expect(lost).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL", delivery: "unknown" });
    expect((lost as Error).message).toContain("heartbeats in a row");
    expect(performance.now() - stoppedAt).toBeLessThan(PATIENCE_MS);
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
    await waitFor(() => !isAlive(pid));
  });

  test("that has nothing to do lives on, and its round trips are known", async () => {
    const channel = await open();
    await heard(channel);
    const { pid } = channel;
    await new Promise((resolve) => setTimeout(resolve, LONG_MS));
    expect(channel).toMatchObject({ pid, state: "ready" });
    expect(channel.health().roundTripMs).toBeLessThan(PATIENCE_MS);
  });

  test("is not blamed for a parent that was stalled itself", async () => {
    const channel = await open();
    await heard(channel);
    const { pid } = channel;
    for (let stall = 0; stall < 5; stall += 1) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(channel).toMatchObject({ pid, state: "ready" });
    expect(channel.health().missedHeartbeats).toBeLessThan(HEARTBEAT.misses!);
  });
});

test("a Rust worker answers while all its threads compute", async () => {
  const channel = await start(rustWorker, { args: ["--threads", "2"] });
  await heard(channel);
  const { pid } = channel;
  const controller = new AbortController();
  const work = [1, 2, 3].map(() =>
    rejectionOf(channel.request("fibonacci_recursive", { n: 60 }, { signal: controller.signal })),
  );
  await new Promise((resolve) => setTimeout(resolve, LONG_MS));
  expect(channel.pid).toBe(pid);
  controller.abort();
  await Promise.all(work);
});

test.skipIf(process.platform !== "linux")("a Node worker that computes is not killed", async () => {
  const channel = await start(process.execPath, { args: typescript(fixture("busy-worker.ts")) });
  await heard(channel);
  const { pid } = channel;
  expect(await channel.request("compute", { ms: LONG_MS })).toBe(true);
  expect(channel.pid).toBe(pid);
});

test("a Node worker that hangs without doing anything is killed", async () => {
  const channel = await start(process.execPath, { args: typescript(fixture("busy-worker.ts")) });
  await heard(channel);
  expect(await rejectionOf(channel.request("hang", { ms: 600_000 }))).toMatchObject({ signal: "SIGKILL" });
  expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
});

describe.each(faultyPrograms)("a $name worker that knows no heartbeat", (program) => {
  test("is left in peace while it says nothing", async () => {
    const channel = await startFaulty({ restart: RESTART, heartbeat: HEARTBEAT }, program);
    const { pid } = channel;
    expect(await channel.request("later", { value: 1, ms: LONG_MS })).toBe(1);
    expect(channel.pid).toBe(pid);
  });

  test.skipIf(process.platform !== "linux")("is killed when it was stopped", async () => {
    const channel = await startFaulty({ restart: RESTART, heartbeat: HEARTBEAT }, program);
    process.kill(channel.pid!, "SIGSTOP");
    expect(await rejectionOf(channel.request("echo", { value: 1 }))).toMatchObject({ signal: "SIGKILL" });
    expect(await channel.request("echo", { value: 2 })).toBe(2);
  });
});
