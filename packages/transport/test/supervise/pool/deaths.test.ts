import { describe, expect, test } from "vitest";
import { ChannelError } from "../../../src/index.js";
import { rejectionOf } from "../../support/channels.js";
import { openPool, until } from "../support/pooled.js";
import { AT_ONCE, settle } from "../support/supervised.js";

describe("a worker that dies", () => {
  test("fails what it was sent, is replaced, and the others go on", async () => {
    const { pool, workers, events } = await openPool({ size: 2 });
    const lost = rejectionOf(pool.request("lost"));
    const kept = pool.request("kept");
    workers[0]!.die();
    expect(await lost).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown" });
    workers[1]!.answerAll();
    expect(await kept).toBe("kept");
    await until(() => workers.length === 3 && pool.health().workers.ready === 2, "a new worker");
    expect(workers[2]!.slot).toBe(0);
    await settle();
    expect(events.map((event) => [event.type, "pid" in event ? event.pid : undefined])).toEqual([
      ["exited", 1000],
      ["restarting", 1000],
      ["started", 1002],
    ]);
    expect(pool.health()).toMatchObject({ healthy: true, restarts: 1 });
    expect(pool.health().lastExit).toMatch(/SIGSEGV/);
    expect(pool.stats().workers.map(({ pid, restarts }) => [pid, restarts])).toEqual([
      [1002, 1],
      [1001, 0],
    ]);
  });

  test("gives its idempotent requests to another one at once", async () => {
    const { pool, workers } = await openPool({ size: 2, restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } });
    const answer = pool.request("m", {}, { idempotent: true });
    workers[0]!.die("SIGKILL");
    await settle();
    expect(workers[1]!.open).toEqual(["m"]);
    workers[1]!.answerAll();
    expect(await answer).toBe("m");
    expect(pool.stats()).toMatchObject({ repeated: 1, succeeded: 1 });
  });

  test("gives what it was not sent to the queue, in front of what came later", async () => {
    const { pool, workers } = await openPool({
      size: 2,
      whenFull: "wait",
      maxInFlightPerWorker: 2,
      limits: { maxQueuedBytes: 10 },
    });
    workers[0]!.link.queuedBytes = 100;
    const answers = Promise.all(["a", "b", "c", "d", "e"].map((method) => pool.request(method)));
    expect(workers.map(({ open }) => open)).toEqual([[], ["b", "d"]]);
    workers[0]!.die();
    await until(() => workers.length === 3, "a new worker");
    await settle();
    expect(workers[2]!.open).toEqual(["a", "c"]);
    workers[1]!.answerAll();
    workers[2]!.answerAll();
    await settle();
    for (const worker of workers.slice(1)) worker.answerAll();
    expect(await answers).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("is quarantined from: a request over which two have died is not sent to a third", async () => {
    const { pool, workers } = await openPool({ size: 3 });
    const refused = rejectionOf(pool.request("poison", {}, { idempotent: true }));
    for (let deaths = 0; deaths < 2; deaths += 1) {
      workers.find(({ open, isDead }) => !isDead && open.includes("poison"))!.die();
      await settle();
    }
    expect(await refused).toMatchObject({ code: "QUARANTINED" });
  });

  test("is followed by a spare one at once, and that by another spare one", async () => {
    const { pool, workers } = await openPool({ size: 1, spares: 1 });
    await until(() => workers.length === 2 && pool.stats().workers.length === 2, "a spare worker");
    await settle();
    expect(pool.stats().workers.map(({ state }) => state)).toEqual(["ready", "spare"]);
    workers[0]!.die();
    const answer = pool.request("m");
    expect(workers[1]!.open).toEqual(["m"]);
    workers[1]!.answerAll();
    expect(await answer).toBe("m");
    await until(() => workers.length === 3, "another spare worker");
  });
});

describe("the budget for restarts", () => {
  const restart = { ...AT_ONCE, maxRestarts: 2, withinMs: 60_000 };

  test("is one for all workers; while one of them serves, the others wait for it", async () => {
    const { pool, workers } = await openPool({ size: 2, restart });
    for (let deaths = 0; deaths < 3; deaths += 1) {
      await until(() => workers.length === 2 + deaths && pool.health().workers.ready === 2, "two workers");
      workers.at(-1)!.die();
    }
    await settle();
    expect(workers).toHaveLength(4);
    expect(pool.health()).toMatchObject({ healthy: true, workers: { ready: 1, total: 2 } });
  });

  test("ends the pool when it is used up and nobody serves, with the history", async () => {
    const { pool, workers, events } = await openPool({ size: 2, restart });
    const waiting: Promise<unknown>[] = [];
    for (let deaths = 0; deaths < 4; deaths += 1) {
      await until(() => workers.some(({ isDead }) => !isDead) && pool.health().workers.ready > 0, "a worker");
      if (deaths === 3) waiting.push(rejectionOf(pool.request("in flight")));
      workers.findLast(({ isDead }) => !isDead)!.die();
      await settle();
    }
    const reason = await pool.closed;
    expect(reason).toMatchObject({ code: "RESTARTS_EXHAUSTED" });
    expect(reason.history).toHaveLength(4);
    expect(await waiting[0]).toMatchObject({ code: "WORKER_EXITED" });
    expect(await rejectionOf(pool.request("late"))).toMatchObject({ code: "RESTARTS_EXHAUSTED", delivery: "not-sent" });
    expect(events.at(-1)).toMatchObject({ type: "gave-up", reason });
    expect(pool.state).toBe("closed");
  });

  test("bounds the spare workers as well", async () => {
    const { pool, workers } = await openPool({ size: 1, spares: 1, restart });
    await until(() => workers.length === 2, "a spare worker");
    await until(() => {
      const running = pool.stats().workers.map(({ pid }) => pid);
      workers.findLast(({ isDead, pid }) => !isDead && running.includes(pid))?.die();
      return pool.state === "closed";
    }, "the end of the pool");
    expect(workers.length).toBeLessThanOrEqual(4);
  });

  test("may be none: workers are not replaced, and the last one ends the pool", async () => {
    const { pool, workers } = await openPool({ size: 2, restart: false });
    workers[0]!.die();
    expect(pool.health().workers).toEqual({ ready: 1, total: 1 });
    const lost = rejectionOf(pool.request("m"));
    workers[1]!.die();
    expect(await lost).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown" });
    expect(await pool.closed).toMatchObject({ code: "WORKER_EXITED" });
    expect(workers).toHaveLength(2);
  });
});

describe("a start that fails", () => {
  test("of one of the first workers rejects, and ends the others", async () => {
    let starts = 0;
    const opening = openPool({ size: 3 }, () => {
      starts += 1;
      if (starts === 2) throw new ChannelError("SPAWN_FAILED", "no such program");
    });
    expect(await rejectionOf(opening)).toMatchObject({ code: "SPAWN_FAILED", message: "no such program" });
  });

  test("of a later one is tried again", async () => {
    const { pool, workers, beforeStart } = await openPool({ size: 2 });
    let fails = 2;
    beforeStart(() => {
      fails -= 1;
      if (fails >= 0) throw new ChannelError("SPAWN_FAILED", "not now");
    });
    workers[0]!.die();
    await until(() => workers.length === 3, "a new worker");
    expect(pool.stats().restarts).toBe(1);
  });
});

describe("close()", () => {
  test("rejects what is in flight and what waits, and nothing is started after it", async () => {
    const { pool, workers, events } = await openPool({ size: 2, maxInFlightPerWorker: 1 });
    const all = ["a", "b", "c"].map((method) => rejectionOf(pool.request(method)));
    workers[0]!.die();
    await pool.close();
    const codes = (await Promise.all(all)).map((error) => (error as ChannelError).code);
    expect(codes).toEqual(["WORKER_EXITED", "CHANNEL_CLOSED", "CHANNEL_CLOSED"]);
    expect(pool).toMatchObject({ state: "closed" });
    expect(workers.length).toBeLessThanOrEqual(3);
    expect(await pool.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    await settle();
    expect(events.filter(({ type }) => type === "exited").length).toBeGreaterThanOrEqual(2);
  });

  test("while a worker is being started: that one is ended", async () => {
    const { pool, workers, beforeStart } = await openPool({ size: 1 });
    let go: (() => void) | undefined;
    beforeStart(() => new Promise<void>((resolve) => (go = resolve)));
    workers[0]!.die();
    await until(() => go !== undefined, "a restart");
    const closing = pool.close();
    go?.();
    await closing;
    expect(workers[1]!.link.closes).toBe(1);
    expect(pool.health().workers.ready).toBe(0);
  });
});

describe("a worker whose end is known while its last words are read", () => {
  test("gets no request any more: those go to others, or wait for the next", async () => {
    const { pool, workers } = await openPool({ size: 2, maxInFlightPerWorker: 1 });
    workers[0]!.link.goes();
    const answers = ["a", "b"].map((method) => pool.request(method));
    expect(workers.map(({ open }) => open)).toEqual([[], ["a"]]);
    expect(pool.health().workers).toEqual({ ready: 1, total: 2 });
    expect(pool.stats().queued).toBe(1);
    workers[0]!.die();
    await until(() => workers.length === 3, "a new worker");
    await settle();
    expect(workers[2]!.open).toEqual(["b"]);
    for (const worker of workers) worker.answerAll();
    expect(await Promise.all(answers)).toEqual(["a", "b"]);
  });

  test("answers what it was sent before", async () => {
    const { pool, workers } = await openPool({ size: 1 });
    const answer = pool.request("m");
    workers[0]!.link.goes();
    workers[0]!.answerAll();
    expect(await answer).toBe("m");
  });

  test("of a key is waited out", async () => {
    const { pool, workers } = await openPool({ size: 1 });
    workers[0]!.link.goes();
    const answer = pool.request("m", {}, { key: "k" });
    expect(workers[0]!.open).toEqual([]);
    workers[0]!.die();
    await until(() => workers.length === 2, "a new worker");
    await settle();
    workers[1]!.answerAll();
    expect(await answer).toBe("m");
  });

  test("is no spare worker any more", async () => {
    const { pool, workers } = await openPool({ size: 1, spares: 1 });
    await until(() => workers.length === 2, "a spare worker");
    workers[1]!.link.goes();
    workers[0]!.die();
    const answer = pool.request("m");
    await until(() => workers.length === 3, "a new worker");
    await settle();
    expect(workers.map(({ open }) => open)).toEqual([[], [], ["m"]]);
    workers[2]!.answerAll();
    expect(await answer).toBe("m");
  });

  test("is not what an idempotent request that came too late has died with", async () => {
    const { pool, workers } = await openPool({ size: 3 });
    const [first, second, third] = workers;
    const answer = pool.request("m", {}, { idempotent: true });
    expect(first!.open).toEqual(["m"]);
    for (const worker of [second, third]) worker!.link.goes();
    first!.die("SIGKILL");
    await settle();
    for (const worker of [second, third]) worker!.die("SIGKILL");
    await until(() => workers.some(({ isDead, open }) => !isDead && open.includes("m")), "another worker");
    expect([second, third].map((worker) => worker!.open)).toEqual([[], []]);
    for (const worker of workers.slice(3)) worker.answerAll();
    expect(await answer).toBe("m");
  });
});
