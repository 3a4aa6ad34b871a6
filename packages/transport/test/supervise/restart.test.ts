import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ChannelError, type ChannelEvent } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { AT_ONCE, openSupervised, settle, started } from "./support/supervised.js";

describe("a worker that dies is followed by another, under the same channel", () => {
  test("requests go to the new one, and its pid is the channel's", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    expect(channel).toMatchObject({ pid: 1000, state: "ready" });
    worker().die();
    expect(channel).toMatchObject({ pid: undefined, state: "restarting" });
    await started(supervised, 2);
    expect(channel).toMatchObject({ pid: 1001, state: "ready" });
    const answer = channel.request("m");
    worker().answer("m", 5);
    expect(await answer).toBe(5);
  });

  test("a request in flight rejects with the exit, and says that it may have run", async () => {
    const { channel, worker } = await openSupervised();
    const failed = rejectionOf(channel.request("m"));
    worker().die("SIGSEGV");
    expect(await failed).toMatchObject({ code: "WORKER_EXITED", signal: "SIGSEGV", method: "m", delivery: "unknown" });
  });

  test("whoever asks again in the very moment of the failure speaks to the next one", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const again = channel.request("m").catch(() => channel.request("m"));
    worker().die();
    await started(supervised, 2);
    await settle();
    worker().answer("m", "again");
    expect(await again).toBe("again");
  });

  test("handlers, remote and notifications go on", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const seen: unknown[] = [];
    channel.onRequest("double", ({ value }: { value: number }) => 2 * value);
    const remove = channel.onNotification("log", (params: unknown) => seen.push(params));
    const { add } = channel.remote;
    worker().die();
    const second = await started(supervised, 2);
    second.link.deliver({ id: 7, method: "double", params: { value: 4 } }, { method: "log", params: ["second"] });
    expect(second.sent.at(-1)).toMatchObject({ id: 7, result: 8 });
    expect(seen).toEqual([["second"]]);
    const sum = add!({ a: 1, b: 2 });
    second.answer("add", 3);
    expect(await sum).toBe(3);
    remove();
    second.link.deliver({ method: "log", params: ["removed"] });
    expect(seen).toHaveLength(1);
  });

  test("events tell what happens, in order", async () => {
    const supervised = await openSupervised({ restart: { minDelayMs: 1, maxDelayMs: 3 } });
    const { channel, worker, events } = supervised;
    worker().die("SIGSEGV");
    await started(supervised, 2);
    await settle();
    expect(events).toMatchObject([
      { type: "exited", pid: 1000, exitCode: null, signal: "SIGSEGV", stderr: "" },
      { type: "restarting", attempt: 1 },
      { type: "started", pid: 1001 },
    ]);
    const { delayMs } = events[1] as ChannelEvent & { type: "restarting" };
    expect(delayMs).toBeGreaterThanOrEqual(1);
    expect(delayMs).toBeLessThanOrEqual(2);
    expect(channel.health()).toMatchObject({
      healthy: true,
      restarts: 1,
      lastExit: expect.stringContaining("SIGSEGV") as string,
    });
    expect(channel.stats().restarts).toBe(1);
  });

  test("an event handler that throws, rejects or closes the channel does no harm", async () => {
    const { channel, worker, errors } = await openSupervised();
    const seen: string[] = [];
    channel.onEvent(() => {
      throw new Error("sync");
    });
    channel.onEvent(async () => Promise.reject(new Error("async")));
    const remove = channel.onEvent(() => seen.push("removed"));
    channel.onEvent(({ type }) => {
      seen.push(type);
      void channel.close();
    });
    remove();
    worker().die();
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    await channel.close();
    expect(channel.state).toBe("closed");
    expect(seen[0]).toBe("exited");
    expect(seen).not.toContain("started");
    expect([...new Set(errors.map(String))]).toEqual(["Error: sync", "Error: async"]);
    expect(() => channel.onEvent(7 as never)).toThrow(TypeError);
  });
});

describe("requests that are made while there is no worker", () => {
  test("wait, and are sent in their order, with notifications between them", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    worker().die();
    const answers = Promise.all([channel.request("a"), channel.notify("b"), channel.request("c")]);
    const second = await started(supervised, 2);
    expect(second.methods).toEqual(["a", "b", "c"]);
    second.answerAll();
    expect(await answers).toEqual(["a", undefined, "c"]);
  });

  test("are what they were when they were made, whatever becomes of their params", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    worker().die();
    const params = { list: [1] };
    const answer = channel.request("m", params);
    params.list.push(2);
    const second = await started(supervised, 2);
    expect(second.sent[0]).toMatchObject({ params: { list: [1] } });
    second.answer("m", null);
    await answer;
  });

  test("end by their own timeout and their own signal, and were not sent", async () => {
    const { channel, worker } = await openSupervised({ restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } });
    worker().die();
    const controller = new AbortController();
    const late = rejectionOf(channel.request("m", {}, { timeout: 20 }));
    const left = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
    controller.abort(new Error("mine"));
    expect(await left).toMatchObject({ message: "mine" });
    expect(await late).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
    expect(channel.stats().inFlight).toBe(0);
  });

  test("are bounded in number and in bytes", async () => {
    const limits = { maxInFlight: 2, maxHeldBytes: 1_000 };
    const supervised = await openSupervised({ restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } }, { limits });
    const { channel, worker } = supervised;
    worker().die();
    const first = rejectionOf(channel.request("m", { text: "x".repeat(900) }));
    expect(await rejectionOf(channel.request("m", { text: "x".repeat(900) }))).toMatchObject({
      code: "OVERLOADED",
      delivery: "not-sent",
    });
    const second = rejectionOf(channel.request("m"));
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    await channel.close();
    expect([await first, await second]).toMatchObject(Array(2).fill({ code: "CHANNEL_CLOSED", delivery: "not-sent" }));
  });

  test("do not fill up the queue of the next worker: whenFull is asked again once it is there", async () => {
    const supervised = await openSupervised(undefined, { limits: { maxQueuedBytes: 100 } });
    const { channel, worker } = supervised;
    worker().die();
    const early = channel.request("m");
    const second = await started(supervised, 2);
    second.link.queuedBytes = 200;
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "OVERLOADED" });
    second.link.drain();
    second.answer("m", 1);
    expect(await early).toBe(1);
  });

  test("of a batch leave one by one", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    worker().die();
    const outcome = channel.batch([{ method: "a" }, { method: "n", notify: true }, { method: "b" }]);
    await settle();
    const second = await started(supervised, 2);
    second.answerAll();
    expect(await outcome).toMatchObject([{ value: "a" }, { value: undefined }, { value: "b" }]);
  });

  test("wait through a start that fails, too", async () => {
    const supervised = await openSupervised();
    const { channel, worker, events } = supervised;
    let failures = 2;
    supervised.beforeStart(() => {
      failures -= 1;
      if (failures >= 0) throw new ChannelError("SPAWN_FAILED", "no room");
    });
    worker().die();
    const answer = channel.request("m");
    const second = await started(supervised, 2);
    second.answer("m", "at last");
    expect(await answer).toBe("at last");
    await settle();
    expect(events.map(({ type }) => type)).toEqual(["exited", "restarting", "restarting", "restarting", "started"]);
  });
});

describe("what was not sent", () => {
  test("moves on to the next worker in its order, where requests wait for room", async () => {
    const supervised = await openSupervised(undefined, { whenFull: "wait", limits: { maxQueuedBytes: 10 } });
    const { channel, worker } = supervised;
    const first = worker();
    first.link.queuedBytes = 100;
    const controller = new AbortController();
    const answers = Promise.all([
      channel.request("a"),
      channel.notify("n"),
      channel.request("b", {}, { timeout: 5_000 }),
    ]);
    const left = rejectionOf(channel.request("c", {}, { signal: controller.signal }));
    expect(first.sent).toEqual([]);
    first.die();
    controller.abort(new Error("no more"));
    expect(await left).toMatchObject({ message: "no more" });
    const second = await started(supervised, 2);
    expect(second.methods).toEqual(["a", "n", "b"]);
    second.answerAll();
    expect(await answers).toEqual(["a", undefined, "b"]);
  });

  test("keeps its deadline", async () => {
    const supervised = await openSupervised(
      { restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } },
      { whenFull: "wait", limits: { maxQueuedBytes: 10 } },
    );
    supervised.worker().link.queuedBytes = 100;
    const late = rejectionOf(supervised.channel.request("m", {}, { timeout: 30 }));
    supervised.worker().die();
    expect(await late).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
  });
});

describe("a stream that waits for room when its worker dies", () => {
  test("is of the next worker, which is asked for its items and told when nobody reads on", async () => {
    const supervised = await openSupervised(undefined, { whenFull: "wait", limits: { maxQueuedBytes: 10 } });
    const { channel, worker } = supervised;
    worker().link.queuedBytes = 100;
    const stream = channel.stream("count");
    const step = stream.next();
    worker().die();
    const second = await started(supervised, 2);
    expect(second.methods).toEqual(["$/stream/pull", "count"]);
    const { id } = second.sent[1]!;
    const items = Array.from({ length: 4 }, (_, at) => at);
    second.link.deliver({ method: "$/stream/items", params: { id, items } });
    expect(await step).toEqual({ done: false, value: 0 });
    for (let at = 1; at < 4; at += 1) await stream.next();
    expect(second.methods.slice(2)).toContain("$/stream/pull");
    await stream.return?.();
    expect(second.sent.at(-1)).toMatchObject({ method: "$/cancelRequest", params: { id } });
  });
});

describe("a request that has waited for a worker and was handed on", () => {
  test("times out by the moment in which it was made", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const supervised = await openSupervised(undefined, { whenFull: "wait", limits: { maxQueuedBytes: 10 } });
    supervised.worker().link.queuedBytes = 100;
    const late = rejectionOf(supervised.channel.request("m", {}, { timeout: 100 }));
    vi.advanceTimersByTime(90);
    supervised.worker().die();
    await settle();
    vi.advanceTimersByTime(15);
    expect(await late).toMatchObject({ code: "TIMEOUT" });
  });
});

describe("late events of an old worker", () => {
  test("touch nothing: answers, notifications, and a second end", async () => {
    const supervised = await openSupervised();
    const { channel, worker, events } = supervised;
    const seen: unknown[] = [];
    channel.onNotification("log", (params: unknown) => seen.push(params));
    const first = worker();
    const lost = rejectionOf(channel.request("m"));
    const { id } = first.sent[0]!;
    first.die();
    await lost;
    const second = await started(supervised, 2);
    const answer = channel.request("m");
    first.link.deliver({ id, result: "old" }, { id: id! + 1, result: "old" }, { method: "log", params: ["old"] });
    first.link.end();
    expect(channel.state).toBe("ready");
    second.answer("m", "new");
    expect(await answer).toBe("new");
    expect(seen).toEqual([]);
    expect(events.filter(({ type }) => type === "exited")).toHaveLength(1);
  });

  test("could not be taken for others even so: no id is used twice", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const lost = rejectionOf(channel.request("m"));
    const first = worker().sent[0]!;
    worker().die();
    await lost;
    const second = await started(supervised, 2);
    const answer = channel.request("m");
    expect(second.sent[0]!.id).toBeGreaterThan(first.id!);
    second.answer("m", 1);
    await answer;
  });
});

describe("a stream over a death", () => {
  test("fails with the cause, and says how many items were delivered", async () => {
    const { channel, worker } = await openSupervised();
    const items: unknown[] = [];
    const failed = rejectionOf(
      (async () => {
        for await (const item of channel.stream("count")) items.push(item);
      })(),
    );
    await settle();
    const { id } = worker().sent.find(({ method }) => method === "count")!;
    worker().link.deliver({ method: "$/stream/items", params: { id, items: [1, 2, 3] } });
    worker().die();
    expect(await failed).toMatchObject({ code: "WORKER_EXITED", delivery: "unknown", itemsDelivered: 3 });
    expect(items).toEqual([1, 2, 3]);
  });

  test("that was made before it and is read after it is one of the next worker", async () => {
    const supervised = await openSupervised();
    const { channel, worker } = supervised;
    const stream = channel.stream("count");
    const unread = channel.stream("count");
    worker().die();
    const second = await started(supervised, 2);
    const step = stream.next();
    const { id } = second.sent.find(({ method }) => method === "count")!;
    second.link.deliver({ method: "$/stream/items", params: { id, items: ["new"] } }, { id, result: null });
    expect(await step).toEqual({ done: false, value: "new" });
    expect(await unread.return?.("left")).toEqual({ done: true, value: "left" });
    expect(await unread.next()).toMatchObject({ done: true });
  });
});

describe("a budget that is used up", () => {
  test("ends the channel for good, with the history of the exits", async () => {
    const supervised = await openSupervised({ restart: { ...AT_ONCE, maxRestarts: 2, withinMs: 60_000 } });
    const { channel, events } = supervised;
    for (let life = 1; life <= 3; life += 1) (await started(supervised, life)).die(life === 3 ? null : "SIGABRT");
    const reason = await channel.closed;
    expect(reason).toMatchObject({
      code: "RESTARTS_EXHAUSTED",
      exitCode: 1,
      history: [{ signal: "SIGABRT" }, { signal: "SIGABRT" }, { exitCode: 1, code: "WORKER_EXITED" }],
    });
    expect(reason.message).toContain("2 restarts within 60000 ms");
    const refused = await rejectionOf(channel.request("m"));
    expect(refused).toMatchObject({ code: "RESTARTS_EXHAUSTED", method: "m", delivery: "not-sent" });
    await vi.waitFor(() => {
      expect(channel.state).toBe("closed");
    });
    expect(channel.health()).toMatchObject({ healthy: false, restarts: 2 });
    expect(events.at(-1)).toMatchObject({ type: "gave-up", reason: { code: "RESTARTS_EXHAUSTED" } });
    expect(supervised.workers).toHaveLength(3);
  });

  test("rejects what waits for a worker as not sent", async () => {
    const supervised = await openSupervised({ restart: { ...AT_ONCE, maxRestarts: 1 } });
    supervised.beforeStart(() => {
      throw new Error("gone");
    });
    supervised.worker().die();
    const error = await rejectionOf(supervised.channel.request("m"));
    expect(error).toMatchObject({
      code: "RESTARTS_EXHAUSTED",
      delivery: "not-sent",
      history: [{}, { code: "SPAWN_FAILED" }],
    });
    expect(await supervised.channel.closed).toMatchObject({ code: "RESTARTS_EXHAUSTED" });
  });

  test("rejects what was not sent when the last worker died, as well", async () => {
    const supervised = await openSupervised(
      { restart: { ...AT_ONCE, maxRestarts: 0 } },
      { whenFull: "wait", limits: { maxQueuedBytes: 10 } },
    );
    supervised.worker().link.queuedBytes = 100;
    const failed = rejectionOf(supervised.channel.request("m"));
    supervised.worker().die();
    expect(await failed).toMatchObject({ code: "RESTARTS_EXHAUSTED", delivery: "not-sent" });
  });
});

describe("close()", () => {
  test("while the next worker is waited for ends everything, and none is started", async () => {
    const supervised = await openSupervised({ restart: { minDelayMs: 60_000, maxDelayMs: 60_000 } });
    const { channel, worker } = supervised;
    worker().die();
    const waiting = rejectionOf(channel.request("m"));
    await channel.close();
    expect(channel.state).toBe("closed");
    expect(await waiting).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(supervised.workers).toHaveLength(1);
  });

  test("while the next worker is being started waits for it, and ends it", async () => {
    const supervised = await openSupervised();
    let release: () => void = () => undefined;
    let isStarting = false;
    supervised.beforeStart(() => {
      isStarting = true;
      return new Promise<void>((resolve) => (release = resolve));
    });
    supervised.worker().die();
    await vi.waitFor(() => {
      expect(isStarting).toBe(true);
    });
    let isClosed = false;
    const closing = supervised.channel.close().then(() => (isClosed = true));
    await settle();
    expect(isClosed).toBe(false);
    expect(supervised.channel.state).toBe("closing");
    release();
    await closing;
    expect(supervised.channel.state).toBe("closed");
    expect(supervised.workers).toHaveLength(2);
    expect(supervised.worker().link.closes).toBe(1);
    expect(supervised.events.filter(({ type }) => type === "started")).toEqual([]);
  });

  test("called again gives the same promise, and later requests are refused", async () => {
    const { channel, worker } = await openSupervised();
    const closing = channel.close();
    expect(channel.close()).toBe(closing);
    await closing;
    expect(worker().link.closes).toBe(1);
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    expect(await rejectionOf(channel.notify("m"))).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await rejectionOf(channel.stream("m").next())).toMatchObject({ code: "CHANNEL_CLOSED" });
  });
});

test("an interceptor that asks again speaks to the next worker, and sees one call over both", async () => {
  const seen: string[] = [];
  const supervised = await openSupervised(undefined, {
    interceptors: [
      async (call, next) => {
        seen.push(call.kind);
        return next(call).catch(() => next(call));
      },
    ],
  });
  const { channel, worker } = supervised;
  const answer = channel.request("m");
  await settle();
  worker().die();
  await started(supervised, 2);
  await settle();
  worker().answer("m", "second");
  expect(await answer).toBe("second");
  const outcome = channel.batch([{ method: "a" }, { method: "b", notify: true }]);
  await settle();
  expect(Array.isArray(worker().sent.at(-1))).toBe(true);
  worker().die();
  const third = await started(supervised, 3);
  await settle();
  third.answer("a", "third");
  expect(await outcome).toMatchObject([{ value: "third" }, { status: "fulfilled" }]);
  expect(seen).toEqual(["request", "request", "notification"]);
});

test("one life: without restart the channel ends with its worker, and tells the same of itself", async () => {
  const { channel, worker, events } = await openSupervised({ restart: false });
  worker().die("SIGKILL");
  expect(await channel.closed).toMatchObject({ code: "WORKER_EXITED", signal: "SIGKILL" });
  expect(await rejectionOf(channel.request("m"))).toMatchObject({ code: "WORKER_EXITED", delivery: "not-sent" });
  await settle();
  expect(events).toMatchObject([{ type: "exited", signal: "SIGKILL" }]);
  expect(channel.state).toBe("closed");
});
