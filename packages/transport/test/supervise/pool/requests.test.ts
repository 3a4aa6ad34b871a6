import { describe, expect, test } from "vitest";
import { Pace } from "../../../src/supervise/pool/pace.js";
import { rejectionOf } from "../../support/channels.js";
import { openPool, until } from "../support/pooled.js";
import { settle } from "../support/supervised.js";

describe("a request", () => {
  test("goes to the least busy worker", async () => {
    const { pool, workers } = await openPool({ size: 3 });
    const answers = Promise.all(["a", "b", "c", "d"].map((method) => pool.request(method)));
    expect(workers.map(({ open }) => open)).toEqual([["a", "d"], ["b"], ["c"]]);
    for (const worker of workers) worker.answerAll();
    expect(await answers).toEqual(["a", "b", "c", "d"]);
  });

  test("waits when all workers have as many as they may, and goes to the first that has room", async () => {
    const { pool, workers } = await openPool({ size: 2, maxInFlightPerWorker: 1 });
    const answers = Promise.all(["a", "b", "c", "d"].map((method) => pool.request(method)));
    expect(pool.stats()).toMatchObject({ queued: 2, inFlight: 4 });
    workers[1]!.answerAll();
    await settle();
    expect(workers.map(({ open }) => open)).toEqual([["a"], ["c"]]);
    workers[0]!.answerAll();
    workers[1]!.answerAll();
    await settle();
    workers[0]!.answerAll();
    expect(await answers).toEqual(["a", "b", "c", "d"]);
    expect(pool.stats()).toMatchObject({ queued: 0, inFlight: 0, succeeded: 4, requestsSent: 4 });
  });

  test("that is made while others wait does not overtake them", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    const order: string[] = [];
    const ask = async (method: string): Promise<void> => {
      await pool.request(method);
      order.push(method);
    };
    const all = [ask("a").then(() => ask("late")), ask("b"), ask("c")];
    for (let at = 0; at < 4; at += 1) {
      workers[0]!.answerAll();
      await settle();
    }
    await Promise.all(all);
    expect(order).toEqual(["a", "b", "c", "late"]);
  });

  test("with a higher priority leaves the queue before the others", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    const [worker] = workers;
    const all = [
      pool.request("running"),
      pool.request("normal 1"),
      pool.request("low", {}, { priority: -1 }),
      pool.request("high", {}, { priority: 10 }),
      pool.request("normal 2", {}, { priority: 0 }),
    ];
    const order: string[] = [];
    for (let at = 0; at < 5; at += 1) {
      order.push(...worker!.open);
      worker!.answerAll();
      await settle();
    }
    await Promise.all(all);
    expect(order).toEqual(["running", "high", "normal 1", "normal 2", "low"]);
  });

  test("times out in the queue, and says that it was not sent", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    void pool.request("running").catch(() => undefined);
    const error = await rejectionOf(pool.request("m", {}, { timeout: 20 }));
    expect(error).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
    expect((error as Error).message).toMatch(/no worker was there to take it/);
    workers[0]!.answerAll();
    await settle();
    expect(workers[0]!.open).toEqual([]);
    expect(pool.stats()).toMatchObject({ queued: 0, timedOut: 1 });
  });

  test("leaves the queue when its signal aborts", async () => {
    const { pool } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    void pool.request("running").catch(() => undefined);
    const controller = new AbortController();
    const left = rejectionOf(pool.request("m", {}, { signal: controller.signal }));
    controller.abort(new Error("no more"));
    expect(await left).toMatchObject({ message: "no more" });
    expect(pool.stats().queued).toBe(0);
  });

  test("is refused when as many wait as may, by number and by bytes", async () => {
    const limits = { maxInFlight: 2, maxHeldBytes: 300 };
    const { pool } = await openPool({ size: 1, maxInFlightPerWorker: 1, limits });
    const text = "x".repeat(200);
    const waiting = [pool.request("running"), pool.request("a", { text })];
    for (const one of waiting) one.catch(() => undefined);
    expect(await rejectionOf(pool.request("b", { text }))).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    pool.request("c").catch(() => undefined);
    expect(await rejectionOf(pool.request("d"))).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    expect(pool.stats().queued).toBe(2);
  });

  test("waits as it was when it was made, whatever becomes of its params", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    const params = { n: 1 };
    const answers = [pool.request("a"), pool.request("b", params)];
    params.n = 2;
    workers[0]!.answerAll();
    await settle();
    expect(workers[0]!.sent).toMatchObject([{ method: "b", params: { n: 1 } }]);
    workers[0]!.answerAll();
    await Promise.all(answers);
  });

  test("that many give up in the queue leaves no list of them behind", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    const running = pool.request("running");
    for (let at = 0; at < 1_000; at += 1) {
      const controller = new AbortController();
      const left = pool.request("m", {}, { signal: controller.signal, priority: at % 3 });
      controller.abort();
      await rejectionOf(left);
    }
    const last = pool.request("last");
    workers[0]!.answerAll();
    await settle();
    expect(workers[0]!.open).toEqual(["last"]);
    workers[0]!.answerAll();
    expect(await Promise.all([running, last])).toEqual(["running", "last"]);
  });
});

describe("a key", () => {
  test("sends its requests to the same worker, and other keys to others", async () => {
    const { pool, workers } = await openPool({ size: 4 });
    const keys = Array.from({ length: 40 }, (_, at) => `session ${at}`);
    for (const key of [...keys, ...keys]) pool.request(key, {}, { key }).catch(() => undefined);
    const byWorker = workers.map(({ open }) => open);
    for (const open of byWorker) for (const key of open) expect(open.filter((other) => other === key)).toHaveLength(2);
    expect(byWorker.every((open) => open.length >= 8)).toBe(true);
  });

  test("waits for its worker when that is busy or restarts, while others pass", async () => {
    const { pool, workers, beforeStart } = await openPool({ size: 2, maxInFlightPerWorker: 1 });
    const first = pool.request("first", {}, { key: "k", idempotent: false });
    first.catch(() => undefined);
    const own = workers.find(({ open }) => open.includes("first"))!;
    const other = workers.find((worker) => worker !== own)!;
    const second = pool.request("second", {}, { key: "k" });
    const free = pool.request("free");
    await settle();
    expect(other.open).toEqual(["free"]);
    let start: (() => void) | undefined;
    beforeStart(() => new Promise<void>((resolve) => (start = resolve)));
    own.die();
    other.answerAll();
    expect(await free).toBe("free");
    await settle();
    expect(pool.stats().queued).toBe(1);
    await until(() => start !== undefined, "a restart");
    expect(pool.stats().workers.map(({ state }) => state)).toContain("restarting");
    start?.();
    await until(() => workers.length === 3, "a new worker");
    await settle();
    expect(workers[2]).toMatchObject({ slot: own.slot, open: ["second"] });
    workers[2]!.answerAll();
    expect(await second).toBe("second");
  });
});

describe("without maxInFlightPerWorker", () => {
  test("a worker gets 64 requests at once, and more when it answers fast", async () => {
    const { pool, workers } = await openPool({ size: 1 });
    const [worker] = workers;
    const answers = Array.from({ length: 3_000 }, (_, at) => pool.request(String(at)));
    expect(worker!.open).toHaveLength(64);
    let most = 0;
    await until(() => {
      most = Math.max(most, worker!.open.length);
      worker!.answerAll();
      return pool.stats().succeeded === 3_000;
    }, "all answers");
    expect((await Promise.all(answers)).at(-1)).toBe("2999");
    expect(most).toBeGreaterThan(64);
    expect(most).toBeLessThanOrEqual(1_024);
  });
});

describe("the pace of a worker", () => {
  test("follows what it answers in 20 ms, within bounds", () => {
    const pace = new Pace(64, 1_024);
    for (const [answers, now, limit] of [
      [0, 100, 64],
      [1_000, 110, 64],
      [1_000, 120, 1_000],
      [9_000, 140, 1_024],
      [9_100, 180, 64],
      [9_500, 200, 400],
      [9_500, 60_000, 64],
    ] as const) {
      pace.look(answers, now);
      expect(pace.limit).toBe(limit);
    }
  });

  test("is looked at now and then, and not at all where the bound was given", () => {
    expect([0, 63, 64, 65, 128].map((load) => new Pace(64, 1_024).isDue(load))).toEqual([
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(new Pace(64, 64).isDue(64)).toBe(false);
  });
});
