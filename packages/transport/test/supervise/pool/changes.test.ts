import { describe, expect, test } from "vitest";
import { ChannelError, type NotificationSource } from "../../../src/index.js";
import { rejectionOf } from "../../support/channels.js";
import { openPool, until } from "../support/pooled.js";
import { settle } from "../support/supervised.js";

describe("a pool with a range", () => {
  test("grows when requests wait, up to its bound", async () => {
    const { pool, workers } = await openPool({ size: { min: 1, max: 3 }, maxInFlightPerWorker: 1 });
    expect(workers).toHaveLength(1);
    const answers = Promise.all(["a", "b", "c", "d"].map((method) => pool.request(method)));
    await until(() => workers.length === 3, "three workers");
    await settle();
    expect(workers.map(({ open }) => open)).toEqual([["a"], ["b"], ["c"]]);
    for (let round = 0; round < 2; round += 1) {
      for (const worker of workers) worker.answerAll();
      await settle();
    }
    expect(await answers).toEqual(["a", "b", "c", "d"]);
    expect(workers).toHaveLength(3);
  });

  test("grows when all of its workers are busy for a while, and shrinks when one has nothing to do", async () => {
    const { pool, workers } = await openPool({ size: { min: 1, max: 2 }, idleMs: 40 });
    const answers = [pool.request("a"), pool.request("b")];
    await until(() => workers.length === 2, "a second worker");
    for (const worker of workers) worker.answerAll();
    await Promise.all(answers);
    await until(() => pool.health().workers.total === 1, "one worker");
    await until(() => workers.some(({ link }) => link.closes === 1), "the end of the other");
    const answer = pool.request("c");
    workers.find(({ link }) => link.closes === 0)!.answerAll();
    expect(await answer).toBe("c");
  });
});

describe("resize", () => {
  test("resolves when the new workers run, and when the surplus has finished its requests", async () => {
    const { pool, workers } = await openPool({ size: 1 });
    await pool.resize(3);
    expect(workers).toHaveLength(3);
    const answers = ["a", "b", "c"].map((method) => pool.request(method));
    let isDone = false;
    const shrunk = pool.resize({ max: 1 }).then(() => (isDone = true));
    await settle();
    expect(isDone).toBe(false);
    expect(pool.stats().workers.map(({ state }) => state)).toEqual(["ready", "draining", "draining"]);
    const late = pool.request("late");
    expect(workers[0]!.open).toEqual(["a", "late"]);
    for (const worker of workers) worker.answerAll();
    await shrunk;
    expect(await Promise.all([...answers, late])).toEqual(["a", "b", "c", "late"]);
    expect(workers.map(({ link }) => link.closes)).toEqual([0, 1, 1]);
  });

  test.each<[unknown, RegExp]>([
    [0, /^resize: size must be a whole number >= 1, not 0/],
    [{ min: 3, max: 2 }, /^resize: size\.min \(3\) must not be above size\.max \(2\)/],
    ["2", /^resize: size must be a number of workers, or a range.*"2"/],
    [{ most: 2 }, /^resize: there is no option "size\.most"/],
  ])("%o is refused, and the message says what is right", async (size, text) => {
    const { pool } = await openPool({ size: 1 });
    expect(((await rejectionOf(pool.resize(size as number))) as Error).message).toMatch(text);
  });

  test("rejects when a worker can't be started", async () => {
    const { pool, beforeStart } = await openPool({ size: 1, restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } });
    beforeStart(() => {
      throw new ChannelError("SPAWN_FAILED", "no more");
    });
    expect(await rejectionOf(pool.resize(2))).toMatchObject({ code: "SPAWN_FAILED" });
    expect(pool.health()).toMatchObject({ healthy: true, workers: { ready: 1, total: 2 } });
  });
});

describe("a rolling restart", () => {
  test("replaces each worker, the new one first, and loses no request", async () => {
    const { pool, workers } = await openPool({ size: 2 });
    const answers = ["a", "b"].map((method) => pool.request(method));
    const restarted = pool.rollingRestart();
    await until(() => workers.length === 3, "a third worker");
    await settle();
    expect(pool.stats().workers.map(({ pid, state }) => [pid, state])).toEqual([
      [1002, "ready"],
      [1001, "ready"],
      [1000, "draining"],
    ]);
    workers[0]!.answerAll();
    await until(() => workers.length === 4, "a fourth worker");
    workers[1]!.answerAll();
    await restarted;
    expect(await Promise.all(answers)).toEqual(["a", "b"]);
    expect(pool.stats().workers.map(({ pid }) => pid)).toEqual([1002, 1003]);
    expect(pool.stats()).toMatchObject({ restarts: 0, succeeded: 2 });
  });

  test("rejects when a worker can't be started, and the old ones go on", async () => {
    const { pool, workers, beforeStart } = await openPool({ size: 2 });
    beforeStart(() => {
      throw new ChannelError("SPAWN_FAILED", "no more");
    });
    expect(await rejectionOf(pool.rollingRestart())).toMatchObject({ code: "SPAWN_FAILED" });
    const answer = pool.request("m");
    workers[0]!.answerAll();
    expect(await answer).toBe("m");
  });
});

describe("recycling", () => {
  test("after so many requests: the new worker comes first, the old one finishes what it has", async () => {
    const { pool, workers } = await openPool({ size: 1, recycle: { afterRequests: 2 } });
    const answers = [pool.request("a"), pool.request("b")];
    await until(() => workers.length === 2, "a new worker");
    await settle();
    const late = pool.request("c");
    expect(workers.map(({ open }) => open)).toEqual([["a", "b"], ["c"]]);
    for (const worker of workers) worker.answerAll();
    expect(await Promise.all([...answers, late])).toEqual(["a", "b", "c"]);
    await until(() => workers[0]!.link.closes === 1, "the end of the old worker");
  });

  test("after an age, and above so much memory", async () => {
    const { workers } = await openPool({ size: 1, recycle: { afterMs: 40 } });
    await until(() => workers.length >= 2, "a worker after the first");
    const heavy = await openPool({ size: 2, recycle: { aboveBytes: 1_000, afterMs: 60_000 } });
    heavy.workers[1]!.memoryBytes = 1_001;
    heavy.workers[0]!.memoryBytes = 1_000;
    await until(() => heavy.workers.length === 3, "a worker in place of the heavy one");
    expect(heavy.workers[2]!.slot).toBe(1);
  });

  test("is not tried again and again when no worker can be started", async () => {
    const { pool, workers, errors, beforeStart } = await openPool({ size: 1, recycle: { afterRequests: 1 } });
    let starts = 0;
    beforeStart(() => {
      starts += 1;
      throw new ChannelError("SPAWN_FAILED", "no more");
    });
    for (let at = 0; at < 20; at += 1) {
      const answer = pool.request("m");
      workers[0]!.answerAll();
      await answer;
      await settle();
    }
    expect(starts).toBe(1);
    expect(errors).toMatchObject([{ code: "SPAWN_FAILED" }]);
  });
});

describe("drain", () => {
  test("takes no more requests, lets those that were made finish, and closes", async () => {
    const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
    const answers = ["a", "b"].map((method) => pool.request(method));
    const drained = pool.drain();
    expect(pool.state).toBe("closing");
    const refused = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await rejectionOf(pool.request("late"))).toMatchObject(refused);
    expect(await rejectionOf(pool.stream("late").next())).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await rejectionOf(pool.notify("late"))).toMatchObject(refused);
    workers[0]!.answerAll();
    await settle();
    workers[0]!.answerAll();
    await drained;
    expect(await Promise.all(answers)).toEqual(["a", "b"]);
    expect(pool.state).toBe("closed");
  });

  test("closes when its time is over", async () => {
    const { pool } = await openPool({ size: 1 });
    const lost = rejectionOf(pool.request("a"));
    await pool.drain({ timeout: 10 });
    expect(await lost).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown" });
  });
});

describe("notifications", () => {
  test("go to one worker, or to all", async () => {
    const { pool, workers } = await openPool({ size: 3 });
    await pool.notify("one");
    await pool.notify("all", { n: 1 }, { to: "all" });
    expect(workers.map(({ methods }) => methods)).toEqual([["one", "all"], ["all"], ["all"]]);
    const wrong = pool.notify("m", {}, { to: "none" as "all" });
    expect(((await rejectionOf(wrong)) as Error).message).toMatch(/^m: to must be "one" or "all", not "none"/);
  });

  test("wait for the first worker when none runs", async () => {
    const { pool, workers } = await openPool({ size: 1 });
    workers[0]!.die();
    const sent = Promise.all([pool.notify("a"), pool.notify("b", {}, { to: "all" })]);
    await until(() => workers.length === 2, "a new worker");
    await sent;
    expect(workers[1]!.methods).toEqual(["a", "b"]);
  });

  test("from workers say from which one", async () => {
    const { pool, workers } = await openPool({ size: 2 });
    const seen: unknown[] = [];
    pool.onNotification("log", (params: unknown, { pid }: NotificationSource) => seen.push([params, pid]));
    workers[1]!.link.deliver({ method: "log", params: ["b"] });
    workers[0]!.link.deliver({ method: "log", params: ["a"] });
    expect(seen).toEqual([
      [["b"], 1001],
      [["a"], 1000],
    ]);
  });
});

test("a stream waits for room like a request, and is of the worker that has some", async () => {
  const { pool, workers } = await openPool({ size: 1, maxInFlightPerWorker: 1 });
  const running = pool.request("running");
  const step = pool.stream("count").next();
  await settle();
  expect(pool.stats().queued).toBe(1);
  workers[0]!.answerAll();
  await settle();
  const { id } = workers[0]!.sent.find(({ method }) => method === "count")!;
  workers[0]!.link.deliver({ method: "$/stream/items", params: { id, items: ["first"] } }, { id, result: null });
  expect(await step).toEqual({ done: false, value: "first" });
  await running;
});

test("a batch goes to one worker that has room for all of it, and else leaves one by one", async () => {
  const { pool, workers } = await openPool({ size: 2, maxInFlightPerWorker: 2 });
  const calls = ["a", "b"].map((method) => ({ method }));
  const settled = pool.batch(calls);
  await settle();
  expect(workers.map(({ sent }) => sent.flat().length)).toEqual([2, 0]);
  const others = pool.batch([...calls, { method: "c" }]);
  await settle();
  expect(workers[1]!.open).toEqual(["a", "b"]);
  workers[1]!.answerAll();
  await settle();
  workers[1]!.answerAll();
  expect((await others).map((one) => (one as PromiseFulfilledResult<unknown>).value)).toEqual(["a", "b", "c"]);
  void settled;
});
