import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { rejectionOf } from "../support/channels.js";
import { AT_ONCE, openSupervised, type FakeWorker, type Supervised } from "./support/supervised.js";

const HEARTBEAT = { intervalMs: 1_000, timeoutMs: 400, misses: 3 } as const;
const SLEEPING = { isStopped: false, isRunning: false, cpuMs: 70 } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

function open(): Promise<Supervised> {
  return openSupervised({ restart: AT_ONCE, heartbeat: HEARTBEAT });
}

/** Answers the pings that have come. */
function answerPings(worker: FakeWorker): void {
  worker.answer("$/ping", null);
}

/** A worker that has answered once, and never will again. */
async function openSilent(): Promise<Supervised> {
  const supervised = await open();
  await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs);
  answerPings(supervised.worker());
  await vi.advanceTimersByTimeAsync(HEARTBEAT.timeoutMs + 1);
  return supervised;
}

describe("a worker that answers its heartbeats", () => {
  test("lives on, and it is known how long an answer takes", async () => {
    const { channel, worker, workers } = await open();
    expect(channel.health().roundTripMs).toBeUndefined();
    for (let beat = 0; beat < 10; beat += 1) {
      await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs - 25);
      expect(worker().methods).toEqual(beat === 0 ? [] : ["$/ping"]);
      answerPings(worker());
      await vi.advanceTimersByTimeAsync(25);
    }
    expect(workers).toHaveLength(1);
    expect(channel.health()).toMatchObject({ healthy: true, missedHeartbeats: 0 });
  });

  test("after 30 ms has that as its round trip time", async () => {
    const { channel, worker } = await open();
    await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs + 30);
    answerPings(worker());
    await vi.advanceTimersByTimeAsync(0);
    expect(channel.health().roundTripMs).toBe(30);
  });

  test("late, but at last, is not killed: misses are counted in a row", async () => {
    const { channel, worker, workers } = await openSilent();
    for (let round = 0; round < 5; round += 1) {
      await vi.advanceTimersByTimeAsync(2 * HEARTBEAT.intervalMs);
      expect(channel.health().missedHeartbeats).toBeGreaterThan(0);
      answerPings(worker());
      await vi.advanceTimersByTimeAsync(0);
      expect(channel.health().missedHeartbeats).toBe(0);
    }
    expect(workers).toHaveLength(1);
  });

  test("with an error lives as well", async () => {
    const { worker, workers } = await open();
    for (let beat = 0; beat < 6; beat += 1) {
      await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs);
      for (const { id } of worker().sent) {
        worker().link.deliver({ id, error: { code: -32601, message: "Method not found: $/ping" } });
      }
      worker().link.sent.splice(0);
    }
    expect(workers).toHaveLength(1);
  });
});

describe("a worker that has answered and says nothing any more", () => {
  test("is killed after so many misses, and replaced; its requests fail with that", async () => {
    const { channel, worker, workers, events } = await openSilent();
    const first = worker();
    const failed = rejectionOf(channel.request("m"));
    await vi.advanceTimersByTimeAsync(HEARTBEAT.misses * HEARTBEAT.intervalMs - 10);
    expect(first.kills).toBe(0);
    await vi.advanceTimersByTimeAsync(HEARTBEAT.timeoutMs + 20);
    expect(first.kills).toBe(1);
    const error = await failed;
    expect(error).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL", delivery: "unknown" });
    expect((error as Error).message).toContain("did not answer 3 heartbeats");
    await vi.advanceTimersByTimeAsync(10);
    expect(workers).toHaveLength(2);
    expect(events).toMatchObject([{ type: "exited", signal: "SIGKILL" }, { type: "restarting" }, { type: "started" }]);
    expect(channel.health()).toMatchObject({ state: "ready", missedHeartbeats: 0, roundTripMs: undefined });
  });

  test("but something else lives: any message is a sign of life", async () => {
    const { worker, workers } = await openSilent();
    for (let round = 0; round < 10; round += 1) {
      await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs / 4);
      worker().link.deliver({ method: "progress of something" });
      await vi.advanceTimersByTimeAsync((HEARTBEAT.intervalMs * 3) / 4);
    }
    expect(worker().kills).toBe(0);
    expect(workers).toHaveLength(1);
  });

  test("but now and then something else lives as well", async () => {
    const { worker, workers } = await openSilent();
    for (let round = 0; round < 5; round += 1) {
      await vi.advanceTimersByTimeAsync(2 * HEARTBEAT.intervalMs);
      worker().link.deliver({ method: "still here" });
    }
    expect(workers).toHaveLength(1);
  });

  test("and computes is left in peace, as long as it does", async () => {
    const { worker, workers } = await openSilent();
    const first = worker();
    first.vitals = SLEEPING;
    for (let round = 0; round < 30; round += 1) {
      first.vitals = { ...SLEEPING, cpuMs: first.vitals.cpuMs + 10 };
      await vi.advanceTimersByTimeAsync(HEARTBEAT.timeoutMs / 4);
    }
    first.vitals = { ...SLEEPING, isRunning: true };
    await vi.advanceTimersByTimeAsync(10 * HEARTBEAT.intervalMs);
    expect(first.kills).toBe(0);
    first.vitals = SLEEPING;
    await vi.advanceTimersByTimeAsync(2 * HEARTBEAT.intervalMs);
    expect(first.kills).toBe(1);
    expect(workers).toHaveLength(2);
  });

  test("because it was stopped is killed, whatever it was doing", async () => {
    const { worker } = await openSilent();
    worker().vitals = { isStopped: true, isRunning: false, cpuMs: 1e6 };
    const first = worker();
    await vi.advanceTimersByTimeAsync(4 * HEARTBEAT.intervalMs);
    expect(first.kills).toBe(1);
  });
});

describe("a worker that has never answered a heartbeat", () => {
  test("may know none, and is left in peace", async () => {
    const { worker, workers } = await open();
    worker().vitals = SLEEPING;
    await vi.advanceTimersByTimeAsync(100 * HEARTBEAT.intervalMs);
    expect(workers).toHaveLength(1);
    expect(worker().methods).toEqual(["$/ping"]);
  });

  test("is killed when it was stopped", async () => {
    const { worker } = await open();
    const first = worker();
    first.vitals = { ...SLEEPING, isStopped: true };
    await vi.advanceTimersByTimeAsync(4 * HEARTBEAT.intervalMs + HEARTBEAT.timeoutMs);
    expect(first.kills).toBe(1);
  });
});

test("a ping that finds no room is no answer, and the channel lives on", async () => {
  const supervised = await openSupervised(
    { restart: AT_ONCE, heartbeat: HEARTBEAT },
    { limits: { maxQueuedBytes: 10 } },
  );
  supervised.worker().link.queuedBytes = 100;
  await vi.advanceTimersByTimeAsync(10 * HEARTBEAT.intervalMs);
  expect(supervised.workers).toHaveLength(1);
  expect(supervised.channel.state).toBe("ready");
});

test("nobody is asked while there is no worker, nor after close()", async () => {
  const { channel, worker } = await openSupervised({
    restart: { minDelayMs: 600_000, maxDelayMs: 600_000 },
    heartbeat: HEARTBEAT,
  });
  const first = worker();
  first.die();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(first.sent).toEqual([]);
  expect(channel.stats().inFlight).toBe(0);
  await channel.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("a link that ends while the question is sent leaves no timer", async () => {
  const { channel, worker } = await openSupervised({ heartbeat: HEARTBEAT });
  const { link } = worker();
  link.text = () => {
    link.end();
  };
  await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs);
  await channel.closed;
  expect(vi.getTimerCount()).toBe(0);
});

test("without restart the channel ends with the worker that was killed", async () => {
  const { channel, worker } = await openSupervised({ heartbeat: HEARTBEAT });
  await vi.advanceTimersByTimeAsync(HEARTBEAT.intervalMs);
  answerPings(worker());
  await vi.advanceTimersByTimeAsync(4 * HEARTBEAT.intervalMs + HEARTBEAT.timeoutMs);
  expect(worker().kills).toBe(1);
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
});
