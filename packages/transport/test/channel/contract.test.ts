/** What every channel does, however many workers, one after the other or at once, are behind it. */

import { describe, expect, test } from "vitest";
import { retry, RpcError, type Channel, type OutgoingCall, type RequestOptions } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { kinds, openKind } from "../support/kinds.js";
import { settle } from "../supervise/support/supervised.js";

function serveAll(worker: Channel): void {
  worker.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
  worker.onRequest("fail", () => {
    throw new RpcError(7, "no", { data: { why: "because" } });
  });
  worker.onRequest("never", () => new Promise(() => undefined));
  worker.onRequest("count", async function* ({ to }: { to: number }) {
    for (let n = 1; n <= to; n += 1) yield await Promise.resolve(n);
    return "done";
  });
  worker.onRequest("sum", async (_params, { input }) => {
    let sum = 0;
    for await (const n of input) sum += n as number;
    return sum;
  });
  worker.onRequest("steps", async (_params, context) => {
    await context.progress(1);
    await context.progress(2);
    return 3;
  });
  worker.onRequest("ask", async ({ n }: { n: number }) => (await worker.request<number>("double", { n })) + 1);
}

describe.each(kinds)("$name", ({ open }) => {
  test("answers requests, many at once", async () => {
    const { channel } = await openKind(open, serveAll);
    const sums = Array.from({ length: 200 }, (_, at) => channel.request<number>("add", { a: at, b: 1 }));
    expect(await Promise.all(sums)).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
    expect(channel.stats()).toMatchObject({ requestsSent: 200, succeeded: 200, failed: 0, inFlight: 0 });
    expect(channel.stats().latency.count).toBe(200);
  });

  test("calls methods of `remote`", async () => {
    const { channel } = await openKind(open, serveAll);
    expect(await channel.remote["add"]!({ a: 1, b: 2 })).toBe(3);
  });

  test("rejects with the error of the other side, and names the method", async () => {
    const { channel } = await openKind(open, serveAll);
    const error = await rejectionOf(channel.request("fail"));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 7, message: "no", data: { why: "because" }, method: "fail" });
    expect(await rejectionOf(channel.request("unknown"))).toMatchObject({ code: -32601 });
    expect(channel.stats().refused).toBe(2);
  });

  test("rejects at the timeout of the request, and at its own", async () => {
    const { channel } = await openKind(open, serveAll, { timeout: 30 });
    expect(await rejectionOf(channel.request("never"))).toMatchObject({ code: "TIMEOUT", delivery: "unknown" });
    expect(await rejectionOf(channel.request("never", {}, { timeout: 10 }))).toMatchObject({ code: "TIMEOUT" });
    expect(channel.stats().timedOut).toBe(2);
  });

  test("cancels by a signal, and the handler hears of it", async () => {
    const heard: unknown[] = [];
    const { channel } = await openKind(open, (worker) =>
      worker.onRequest("wait", (_params, { signal }) => {
        signal.addEventListener("abort", () => heard.push(signal.reason));
        return new Promise(() => undefined);
      }),
    );
    const controller = new AbortController();
    const cancelled = rejectionOf(channel.request("wait", {}, { signal: controller.signal }));
    await settle();
    controller.abort(new Error("enough"));
    expect(await cancelled).toMatchObject({ message: "enough" });
    await settle();
    expect(heard).toHaveLength(1);
    const aborted = channel.request("wait", {}, { signal: controller.signal });
    expect(await rejectionOf(aborted)).toMatchObject({ message: "enough" });
    expect(channel.stats()).toMatchObject({ cancelled: 1, inFlight: 0 });
  });

  test.each<[string, unknown, RegExp]>([
    ["an unknown option", { timout: 1 }, /^add: there is no option "timout"\. Did you mean timeout\?/],
    ["a timeout that is a text", { timeout: "1" }, /^add: timeout .*"1"/],
    ["a key that is an object", { key: {} }, /^add: key must be a string or a number/],
    ["options that are a number", 5, /^add: the options must be an object/],
  ])("refuses %s, and is as good as before", async (_, options, text) => {
    const { channel } = await openKind(open, serveAll);
    const params = { a: 1, b: 2 };
    for (const refused of [
      channel.request("add", params, options as RequestOptions),
      channel.stream("add", params, options as RequestOptions).next(),
    ]) {
      expect(((await rejectionOf(refused)) as Error).message).toMatch(text);
    }
    expect(await channel.request("add", params)).toBe(3);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("reads the options of a request once", async () => {
    const { channel } = await openKind(open, serveAll);
    const read: (string | symbol)[] = [];
    const watched = new Proxy<RequestOptions>(
      { timeout: 60_000, idempotent: true },
      {
        get(target, name) {
          read.push(name);
          return target[name as keyof RequestOptions];
        },
      },
    );
    expect(await channel.request("add", { a: 1, b: 2 }, watched)).toBe(3);
    expect(new Set(read).size).toBe(read.length);
  });

  test("refuses what can't be said, with nothing sent", async () => {
    const { channel } = await openKind(open, serveAll);
    const error = await rejectionOf(channel.request("add", { a: 1n << 70n, b: () => 1 }));
    expect(error).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
    expect(channel.stats()).toMatchObject({ requestsSent: 0, inFlight: 0 });
  });

  test("streams items, and cancels when the reader leaves", async () => {
    const { channel } = await openKind(open, serveAll);
    const items: number[] = [];
    for await (const n of channel.stream<number>("count", { to: 5 })) items.push(n);
    for await (const n of channel.stream<number>("count", { to: 1_000_000 })) if (n === 3) break;
    expect(items).toEqual([1, 2, 3, 4, 5]);
    await settle();
    expect(channel.stats()).toMatchObject({ inFlight: 0, cancelled: 1 });
    const unread = channel.stream("count", { to: 1 });
    expect(await unread.return?.("left")).toEqual({ done: true, value: "left" });
    expect(await unread.next()).toMatchObject({ done: true });
  });

  test("sends inputs with a request", async () => {
    const { channel } = await openKind(open, serveAll);
    expect(await channel.request("sum", {}, { input: [1, 2, 3] })).toBe(6);
  });

  test("tells of progress", async () => {
    const { channel } = await openKind(open, serveAll);
    const seen: number[] = [];
    expect(await channel.request("steps", {}, { onProgress: (value: number) => seen.push(value) })).toBe(3);
    expect(seen).toEqual([1, 2]);
  });

  test("sends batches, with settled results in order", async () => {
    const { channel } = await openKind(open, serveAll);
    const settled = await channel.batch([
      { method: "add", params: { a: 1, b: 2 } },
      { method: "note", notify: true },
      { method: "fail" },
    ]);
    expect(settled).toMatchObject([{ value: 3 }, { value: undefined }, { reason: { code: 7 } }]);
  });

  test("answers requests of the other side", async () => {
    const { channel } = await openKind(open, serveAll);
    const remove = channel.onRequest("double", ({ n }: { n: number }) => 2 * n);
    expect(await channel.request("ask", { n: 5 })).toBe(11);
    expect(() => channel.onRequest("double", () => 0)).toThrow(/registered already/);
    remove();
    expect(await rejectionOf(channel.request("ask", { n: 5 }))).toMatchObject({ code: -32601 });
  });

  test("hears notifications, early ones as well, and says from whom they come", async () => {
    const { channel, workers } = await openKind(open);
    for (const worker of workers) await worker.notify("hello", { from: "worker" });
    await settle();
    const seen: unknown[] = [];
    const remove = channel.onNotification("hello", (params: unknown, source) => seen.push([params, "pid" in source]));
    await settle();
    remove();
    for (const worker of workers) await worker.notify("hello");
    await settle();
    expect(seen).toEqual(workers.map(() => [{ from: "worker" }, true]));
  });

  test("sends notifications", async () => {
    const seen: unknown[] = [];
    const { channel } = await openKind(open, (worker) => worker.onNotification("note", (params) => seen.push(params)));
    await channel.notify("note", { n: 1 });
    await settle();
    expect(seen).toEqual([{ n: 1 }]);
    expect(channel.stats().notificationsSent).toBe(1);
  });

  test("runs interceptors around each call, which may make it again", async () => {
    const calls: string[] = [];
    let attempts = 0;
    const { channel } = await openKind(
      open,
      (worker) => {
        serveAll(worker);
        worker.onRequest("busy", () => {
          attempts += 1;
          if (attempts < 3) throw new RpcError(-32000, "busy");
          return attempts;
        });
      },
      {
        interceptors: [
          (call: OutgoingCall, next) => {
            calls.push(`${call.kind} ${call.method}`);
            return next(call);
          },
          retry({ minDelayMs: 0, maxDelayMs: 1 }),
        ],
      },
    );
    expect(await channel.request("busy")).toBe(3);
    for await (const _ of channel.stream("count", { to: 1 }));
    await channel.notify("note");
    await channel.batch([{ method: "add", params: { a: 1, b: 1 } }]);
    expect(calls).toEqual(["request busy", "stream count", "notification note", "request add"]);
  });

  test("close() rejects what is in flight, then tells of the end, once", async () => {
    const { channel } = await openKind(open, serveAll);
    const told: string[] = [];
    const lost = channel.request("never").catch((error: unknown) => {
      told.push("request");
      return error;
    });
    void channel.closed.then(() => told.push("closed"));
    await settle();
    expect(channel.state).toBe("ready");
    const closing = channel.close();
    expect(["closing", "closed"]).toContain(channel.state);
    await Promise.all([closing, channel.close()]);
    expect(await lost).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown", method: "never" });
    expect(await channel.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(told).toEqual(["request", "closed"]);
    expect(channel.state).toBe("closed");
    expect(channel.health()).toMatchObject({ healthy: false, inFlight: 0 });
  });

  test("after close() refuses what is new, and says that it was not sent", async () => {
    const { channel } = await openKind(open, serveAll);
    await channel.close();
    const refused = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("add"))).toMatchObject(refused);
    expect(await rejectionOf(channel.notify("note"))).toMatchObject(refused);
    expect(await rejectionOf(channel.stream("count").next())).toMatchObject(refused);
    expect(await rejectionOf(channel.batch([{ method: "add" }]))).toMatchObject(refused);
  });

  test("is idle when no handler of the other side's requests runs", async () => {
    const { channel, workers } = await openKind(open);
    let finish: (value: unknown) => void = () => undefined;
    channel.onRequest("slow", () => new Promise((resolve) => (finish = resolve)));
    const answer = workers.at(-1)!.request("slow");
    await settle();
    let isIdle = false;
    const idle = channel.idle().then(() => (isIdle = true));
    await settle();
    expect([isIdle, channel.stats().running]).toEqual([false, 1]);
    finish("done");
    expect(await answer).toBe("done");
    await idle;
  });

  test("tells of the exit of its worker", async () => {
    const { channel } = await openKind(open);
    const events: string[] = [];
    channel.onEvent(({ type }) => events.push(type));
    await channel.close();
    await settle();
    expect(new Set(events)).toEqual(new Set(["exited"]));
  });

  test("reports what its handlers of notifications throw, and goes on", async () => {
    const errors: unknown[] = [];
    const { channel, workers } = await openKind(open, serveAll, { onError: (error) => errors.push(error) });
    channel.onNotification("hello", () => {
      throw new Error("boom");
    });
    await workers[0]!.notify("hello");
    await settle();
    expect(errors).toMatchObject([{ message: "boom" }]);
    expect(await channel.request("add", { a: 1, b: 2 })).toBe(3);
  });
});
