// One channel over workers that die in earnest.

import { existsSync } from "node:fs";
import { createStdioChannel, type Channel, type ChannelEvent, type StdioChannelOptions } from "@procwire/transport";
import { describe, expect, onTestFinished, test } from "vitest";
import { faultyPrograms } from "../support/faulty-programs.js";
import { startFaulty } from "../support/faulty-worker.js";
import { rustWorker } from "../support/paths.js";
import { isAlive, rejectionOf, waitFor } from "../support/wait-for.js";

const RESTART = { minDelayMs: 1, maxDelayMs: 20, maxRestarts: 50 } as const;

function eventsOf(channel: Channel): ChannelEvent[] {
  const events: ChannelEvent[] = [];
  channel.onEvent((event) => events.push(event));
  return events;
}

async function startCompute(options: StdioChannelOptions): Promise<Channel> {
  if (!existsSync(rustWorker)) throw new Error(`${rustWorker} is missing: npm test builds it`);
  const channel = await createStdioChannel(rustWorker, options);
  onTestFinished(() => channel.close());
  return channel;
}

describe.each(faultyPrograms)("a $name worker with restart", (program) => {
  test.each<[string, string, object, object]>([
    ["is killed", "kill", { signal: "SIGKILL" }, { exitCode: null, signal: "SIGKILL" }],
    ["has a segmentation fault", "kill", { signal: "SIGSEGV" }, { exitCode: null, signal: "SIGSEGV" }],
    ["exits with 0", "exit", { code: 0 }, { exitCode: 0, signal: null }],
    ["exits with 1", "exit", { code: 1 }, { exitCode: 1, signal: null }],
  ])(
    "that %s is replaced: its request fails with the exit, the next one is answered",
    async (_, method, params, exit) => {
      const channel = await startFaulty({ restart: RESTART }, program);
      const events = eventsOf(channel);
      const first = channel.pid;
      const lost = await rejectionOf(channel.request(method, params));
      expect(lost).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown", ...exit });
      expect(await channel.request("echo", { value: "alive" })).toBe("alive");
      expect(channel.pid).not.toBe(first);
      await waitFor(() => events.length === 3);
      expect(events).toMatchObject([
        { type: "exited", pid: first, ...exit },
        { type: "restarting", attempt: 1 },
        { type: "started", pid: channel.pid },
      ]);
      expect(isAlive(first!)).toBe(false);
    },
  );

  test("that closes its stdout and lives on is ended and replaced", async () => {
    const channel = await startFaulty({ restart: RESTART }, program);
    const first = channel.pid!;
    expect(await rejectionOf(channel.request("closeStdout"))).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await channel.request("echo", { value: 1 })).toBe(1);
    expect(isAlive(first)).toBe(false);
  });

  test("that is killed again and again answers every idempotent request, and no other one twice", async () => {
    const channel = await startFaulty({ restart: RESTART }, program);
    const outcomes: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round += 1) {
      for (let n = 0; n < 8; n += 1) {
        outcomes.push(channel.request("later", { value: n, ms: 5 }, { idempotent: true, timeout: 20_000 }));
      }
      const pid = channel.pid;
      if (pid !== undefined) process.kill(pid, "SIGKILL");
      await waitFor(() => channel.state === "ready" && channel.pid !== pid);
    }
    expect(await Promise.all(outcomes)).toEqual(outcomes.map((__, place) => place % 8));
    expect(channel.stats()).toMatchObject({ inFlight: 0, restarts: 10 });
  });

  test("that can't live ends the channel when its budget is used up", async () => {
    const restart = { ...RESTART, maxRestarts: 3 };
    const channel = await startFaulty({ restart, args: ["--exit-at-once"] }, program);
    const reason = await channel.closed;
    expect(reason).toMatchObject({ code: "RESTARTS_EXHAUSTED", exitCode: 9 });
    expect(reason.history).toHaveLength(4);
    expect(reason.stderr).toContain("I can't work like this");
  });

  test("that kills a worker each time it is asked is asked twice", async () => {
    const channel = await startFaulty({ restart: RESTART }, program);
    const poison = await rejectionOf(channel.request("kill", { signal: "SIGABRT" }, { idempotent: true }));
    expect(poison).toMatchObject({ code: "QUARANTINED", signal: "SIGABRT" });
    expect(await channel.request("echo", { value: 2 })).toBe(2);
    expect(channel.stats().restarts).toBe(2);
  });
});

test("a start that fails is not tried again", async () => {
  const failed = rejectionOf(createStdioChannel("/no/such/program", { restart: true }));
  expect(await failed).toMatchObject({ code: "SPAWN_FAILED" });
});

test("close() at any moment of restarts leaves no process behind", async () => {
  for (let delay = 0; delay < 60; delay += 5) {
    const channel = await startCompute({ restart: { minDelayMs: 0, maxDelayMs: 10 } });
    const pids: number[] = [channel.pid!];
    channel.onEvent((event) => {
      if (event.type === "started" && event.pid !== undefined) pids.push(event.pid);
    });
    process.kill(channel.pid!, "SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, delay));
    await channel.close();
    expect(channel.state).toBe("closed");
    expect(pids.filter(isAlive)).toEqual([]);
  }
});

test("a channel that was let go of keeps nothing alive between two workers", async () => {
  const channel = await startCompute({ restart: { minDelayMs: 600_000, maxDelayMs: 600_000 } });
  channel.unref();
  process.kill(channel.pid!, "SIGKILL");
  await waitFor(() => channel.state === "restarting");
  const count = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const before = count();
  channel.ref();
  expect(count()).toBe(before + 1);
  channel.unref();
  expect(count()).toBe(before);
});
