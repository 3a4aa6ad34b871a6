import { tracingChannel, type TracingChannelSubscribers } from "node:diagnostics_channel";
import { describe, expect, onTestFinished, test } from "vitest";
import { RpcError } from "../../src/index.js";
import { openPair, rejectionOf } from "../support/channels.js";

interface Trace {
  readonly method: string;
  readonly params: object | undefined;
  readonly pid: number | undefined;
  readonly result?: unknown;
  readonly error?: unknown;
}

type Event = readonly [name: string, trace: Trace];

const EVENTS = ["start", "end", "asyncStart", "asyncEnd", "error"] as const;

/** Hears of requests until the test is over, or until what it returns is called. */
function listen(names: readonly (typeof EVENTS)[number][] = EVENTS): {
  readonly events: Event[];
  readonly stop: () => void;
} {
  const events: Event[] = [];
  const channels = tracingChannel<unknown, Trace>("procwire:request");
  const subscribers = Object.fromEntries(
    names.map((name) => [name, (trace: Trace) => void events.push([name, trace])]),
  ) as unknown as TracingChannelSubscribers<Trace>;
  const stop = (): void => {
    channels.unsubscribe(subscribers);
  };
  channels.subscribe(subscribers);
  onTestFinished(stop);
  return { events, stop };
}

describe("diagnostics_channel", () => {
  test("tells of a request that succeeds: start, end, and its result later", async () => {
    const { left, right } = openPair();
    right.onRequest("echo", (params: unknown) => params);
    const { events } = listen();
    expect(await left.request("echo", { a: 1 })).toEqual({ a: 1 });
    expect(events.map(([name]) => name)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(events.at(-1)?.[1]).toMatchObject({ method: "echo", params: { a: 1 }, result: { a: 1 } });
    expect(new Set(events.map(([, trace]) => trace)).size).toBe(1);
  });

  test.each([
    ["the other side refuses", "fail", {}],
    ["can't be encoded", "fail", { n: 1n }],
  ])("tells of a request that %s: its error, once", async (_, method, params) => {
    const { left, right } = openPair();
    right.onRequest("fail", () => {
      throw new RpcError(7, "no");
    });
    const { events } = listen();
    const error = await rejectionOf(left.request(method, params));
    const errors = events.filter(([name]) => name === "error");
    expect(errors).toHaveLength(1);
    expect(errors[0]?.[1]).toMatchObject({ method });
    expect(errors[0]?.[1].error).toBe(error);
    expect(events.map(([name]) => name)).toContain("asyncEnd");
  });

  test("tells of a request that is cancelled with the signal's reason", async () => {
    const { left, right } = openPair();
    right.onRequest("stuck", () => new Promise(() => undefined));
    const { events } = listen();
    const controller = new AbortController();
    const call = rejectionOf(left.request("stuck", {}, { signal: controller.signal }));
    controller.abort("stop");
    expect(await call).toBe("stop");
    expect(events.find(([name]) => name === "error")?.[1].error).toBe("stop");
  });

  test.each(EVENTS)("tells who subscribes to %s alone", async (name) => {
    const { left } = openPair();
    const { events } = listen([name]);
    await rejectionOf(left.request("nothing"));
    expect(events).toMatchObject([[name, { method: "nothing" }]]);
  });

  test("covers interceptors: one trace for a request that is sent twice", async () => {
    const { left, right } = openPair({
      interceptors: [async (request, next) => [await next(request), await next(request)]],
    });
    right.onRequest("one", () => 1);
    const { events } = listen(["start", "asyncEnd"]);
    expect(await left.request("one")).toEqual([1, 1]);
    expect(events).toMatchObject([
      ["start", { method: "one" }],
      ["asyncEnd", { result: [1, 1] }],
    ]);
  });

  test("is silent when nobody subscribes any more", async () => {
    const { left, right } = openPair();
    right.onRequest("one", () => 1);
    const { events, stop } = listen();
    await left.request("one");
    const heard = events.length;
    stop();
    await left.request("one");
    expect(events).toHaveLength(heard);
  });

  test("tells nothing of requests that were made before", async () => {
    const { left, right } = openPair();
    let finish: (value: number) => void = () => undefined;
    right.onRequest("later", () => new Promise((resolve) => (finish = resolve)));
    const call = left.request("later");
    await rejectionOf(left.request("round trip"));
    const { events } = listen();
    finish(1);
    await call;
    expect(events).toEqual([]);
  });
});

describe("diagnostics_channel of other calls", () => {
  test("tells of a stream when its first item is asked for, and when it has been read: once", async () => {
    const { left, right } = openPair();
    right.onRequest("count", async function* () {
      yield 1;
      yield 2;
      return "done";
    });
    const { events } = listen();
    const stream = left.stream("count", { to: 2 });
    expect(events).toEqual([]);
    await stream.next();
    expect(events.map(([name]) => name)).toEqual(["start", "end"]);
    for await (const _ of stream);
    await expect.poll(() => events.map(([name]) => name)).toEqual(["start", "end", "asyncStart", "asyncEnd"]);
    expect(events.at(-1)?.[1]).toMatchObject({
      kind: "stream",
      method: "count",
      params: { to: 2 },
      result: "done",
    });
  });

  test.each([
    ["fails", { error: { code: 7 } }],
    ["is left", { result: undefined }],
  ])("tells of a stream that %s", async (how, expected) => {
    const { left, right } = openPair();
    right.onRequest("one", async function* () {
      yield 1;
      if (how === "fails") throw new RpcError(7, "no");
      await new Promise(() => undefined);
    });
    const { events } = listen(["asyncEnd"]);
    const read = async (): Promise<void> => {
      for await (const _ of left.stream("one")) if (how === "is left") break;
    };
    await read().catch(() => undefined);
    await expect.poll(() => events).toMatchObject([["asyncEnd", { kind: "stream", ...expected }]]);
  });

  test("tells of notifications and of each call of a batch", async () => {
    const { left, right } = openPair();
    right.onRequest("one", () => 1);
    const { events } = listen(["asyncEnd"]);
    await left.notify("n", { x: 1 });
    await left.batch([{ method: "one" }, { method: "m", notify: true }]);
    const traces = events.map(([, trace]) => trace);
    expect(traces).toMatchObject([
      { kind: "notification", method: "n", params: { x: 1 } },
      { kind: "notification", method: "m" },
      { kind: "request", method: "one", result: 1 },
    ]);
  });
});
