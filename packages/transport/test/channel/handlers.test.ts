import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ChannelError, RpcError, type RequestContext } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";

function throwing(thrown: unknown): () => never {
  return () => {
    throw thrown;
  };
}

describe("a handler's outcome", () => {
  test.each([
    ["nothing", () => undefined],
    ["a promise of nothing", async () => undefined],
    ["null", () => null],
  ])("%s is answered with null", async (_, handler) => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("m", handler);
    peer.send({ id: 1, method: "m" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, result: null });
  });

  test.each([
    ["an exception", throwing(new TypeError("boom"))],
    ["a rejection", async () => Promise.reject(new TypeError("boom"))],
  ])("%s is answered with -32603 and the message, no stack", async (_, handler) => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("m", handler);
    peer.send({ id: 1, method: "m" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "boom" } });
  });

  test.each([[undefined], [null], ["text"], [{ code: 7 }], [new Error("")]])(
    "throwing %o is answered with -32603",
    async (thrown) => {
      const { channel, peer } = openWithPeer();
      channel.onRequest("m", throwing(thrown));
      peer.send({ id: 1, method: "m" });
      expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, error: { code: -32603, message: "Internal error" } });
    },
  );

  test("an RpcError keeps its code, message and data on the way", async () => {
    const { left, right } = openPair();
    const details = { data: [1, { a: null }], cause: new Error("secret") };
    right.onRequest("m", throwing(new RpcError(1234, "mine", details)));
    const error = await rejectionOf(left.request("m"));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 1234, message: "mine", data: [1, { a: null }], method: "m" });
    expect((error as Error).cause).toBeUndefined();
  });

  const circle: unknown[] = [];
  circle.push(circle);
  test.each([
    ["a bigint", 1n],
    ["a function", () => 1],
    ["a circle", circle],
  ])("%s can't be encoded: the caller hears of it, and the next request works", async (_, value) => {
    const { left, right } = openPair();
    right.onRequest("bad", () => value);
    right.onRequest("good", () => 1);
    expect(await rejectionOf(left.request("bad"))).toMatchObject({ code: -32603 });
    expect(await left.request<number>("good")).toBe(1);
  });

  test("error data that can't be encoded is left out", async () => {
    const { left, right } = openPair();
    right.onRequest("m", throwing(new RpcError(7, "no", { data: 1n })));
    expect(await rejectionOf(left.request("m"))).toMatchObject({ code: 7, message: "no", data: undefined });
  });

  test("a result above the limit is answered with an error, and the next request works", async () => {
    const { left, right } = openPair({}, { limits: { maxMessageBytes: 1000 } });
    right.onRequest("big", () => "a".repeat(2000));
    right.onRequest("small", () => "a");
    const error = await rejectionOf(left.request("big"));
    expect(error).toBeInstanceOf(RpcError);
    expect((error as Error).message).toContain("maxMessageBytes");
    expect(await left.request<string>("small")).toBe("a");
  });

  test.each([
    ["an exception", throwing(new RpcError(7, "x".repeat(5000)))],
    ["a rejection", async () => Promise.reject(new RpcError(7, "x".repeat(5000)))],
  ])("%s with a message above the limit is shortened to fit, and the channel lives", async (_, handler) => {
    const { left, right } = openPair({}, { limits: { maxMessageBytes: 500 } });
    right.onRequest("m", handler);
    right.onRequest("good", () => 1);
    const error = await rejectionOf(left.request("m"));
    expect(error).toMatchObject({ code: 7 });
    expect((error as Error).message).toMatch(/^x+/);
    expect(await left.request<number>("good")).toBe(1);
  });
});

describe("a request with an id that fits into no answer", () => {
  test.each([
    ["an unknown method", undefined],
    ["a handler", () => "an answer"],
    ["a handler that returns a promise", async () => "an answer"],
    ["a handler that rejects", async () => Promise.reject(new Error("no"))],
  ])("to %s stays unanswered; the channel lives and nothing is uncaught", async (_, handler) => {
    const onUnhandled = vi.fn();
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: 5000 } });
    if (handler !== undefined) channel.onRequest("m", handler);
    peer.send({ id: "x".repeat(4960), method: "m" });
    expect(await peer.roundTrip()).toMatchObject({ error: { code: -32601 } });
    // Rejections are reported after the microtasks of a turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(onUnhandled.mock.calls).toEqual([]);
    expect(peer.seen).toHaveLength(1);
  });
});

describe("methods", () => {
  test.each(["nothing", "__proto__", "constructor", "toString", "hasOwnProperty", ""])(
    "an unknown one, %j, is answered with -32601",
    async (method) => {
      const { channel, peer } = openWithPeer();
      channel.onRequest("known", () => 1);
      peer.send({ id: 1, method });
      const error = { code: -32601, message: `Method not found: ${method}` };
      expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, error });
    },
  );

  test("an unknown one with a name as long as a message may be is refused, and the channel lives", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: 20_000 } });
    channel.onRequest("known", () => 1);
    peer.send({ id: 1, method: "m".repeat(19_950) });
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32601 } });
    peer.send({ id: 2, method: "known" });
    expect(await peer.next()).toMatchObject({ id: 2, result: 1 });
  });

  test("a second handler of one method is refused; after the first is removed it is not", () => {
    const { channel } = openWithPeer();
    const remove = channel.onRequest("m", () => 1);
    expect(() => channel.onRequest("m", () => 2)).toThrow(/"m"/);
    remove();
    expect(() => channel.onRequest("m", () => 2)).not.toThrow();
  });

  test("removing a handler twice does not remove its successor", async () => {
    const { left, right } = openPair();
    const remove = right.onRequest("m", () => 1);
    remove();
    right.onRequest("m", () => 2);
    remove();
    expect(await left.request<number>("m")).toBe(2);
  });

  test("a removed one is unknown again", async () => {
    const { left, right } = openPair();
    right.onRequest("m", () => 1)();
    expect(await rejectionOf(left.request("m"))).toMatchObject({ code: -32601 });
  });

  test("without a handler of their own go to the handler of all, with the whole message", async () => {
    const { left, right } = openPair();
    right.onRequest("own", () => "own");
    const remove = right.onRequest((message: unknown) => message);
    expect(await left.request<string>("own")).toBe("own");
    const whole = { jsonrpc: "2.0", id: 2, method: "other", params: { a: 1 } };
    expect(await left.request<unknown>("other", { a: 1 })).toEqual(whole);
    expect(() => right.onRequest(() => 1)).toThrow(/registered already/);
    remove();
    expect(await rejectionOf(left.request("other"))).toMatchObject({ code: -32601 });
  });

  test("need a function", () => {
    const { channel } = openWithPeer();
    expect(() => channel.onRequest("m", undefined as never)).toThrow(TypeError);
    expect(() => channel.onNotification("m", {} as never)).toThrow(TypeError);
  });
});

describe("work overlaps", () => {
  test("a slow handler holds back neither other requests nor answers", async () => {
    const { left, right } = openPair();
    let finish: (value: string) => void = () => undefined;
    right.onRequest("slow", () => new Promise((resolve) => (finish = resolve)));
    right.onRequest("fast", () => "fast");
    left.onRequest("back", () => "back");
    const slow = left.request<string>("slow");
    expect(await left.request<string>("fast")).toBe("fast");
    expect(await right.request<string>("back")).toBe("back");
    finish("slow");
    expect(await slow).toBe("slow");
  });

  test("a slow handler does not delay an answer in the same chunk", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("slow", () => new Promise(() => undefined));
    const call = channel.request<string>("m");
    await peer.next();
    peer.send({ id: "s", method: "slow" }, { id: 1, result: "at once" });
    expect(await call).toBe("at once");
  });

  test("handlers start in the order of their requests", async () => {
    const { left, right } = openPair();
    const started: number[] = [];
    right.onRequest("m", async ({ at }: { at: number }) => {
      started.push(at);
      for (let turns = at % 3; turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    });
    await Promise.all(Array.from({ length: 20 }, (_, at) => left.request("m", { at })));
    expect(started).toEqual(Array.from({ length: 20 }, (_, at) => at));
  });

  test("idle resolves when the last of them has answered", async () => {
    const { channel, peer } = openWithPeer();
    const finish: (() => void)[] = [];
    channel.onRequest("m", () => new Promise<void>((resolve) => finish.push(resolve)));
    await channel.idle();
    peer.send({ id: 1, method: "m" }, { id: 2, method: "m" });
    await peer.roundTrip();
    let isIdle = false;
    const idle = channel.idle().then(() => (isIdle = true));
    finish[0]!();
    await peer.next();
    expect(isIdle).toBe(false);
    finish[1]!();
    await idle;
  });

  test("a second request with the id of a running one is refused, and the first goes on", async () => {
    const { channel, peer } = openWithPeer();
    let finish: (value: string) => void = () => undefined;
    channel.onRequest("m", () => new Promise((resolve) => (finish = resolve)));
    peer.send({ id: "same", method: "m" }, { id: "same", method: "m" });
    expect(await peer.next()).toMatchObject({ id: "same", error: { code: -32600 } });
    finish("first");
    expect(await peer.next()).toMatchObject({ id: "same", result: "first" });
  });

  test("ids are echoed as they came", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("m", async () => 0);
    for (const id of [0, 1, "1", "", -5, 1.5, 9007199254740991, "ž\u2028"]) {
      peer.send({ id, method: "m" });
      expect(await peer.next()).toEqual({ jsonrpc: "2.0", id, result: 0 });
    }
  });

  test("more requests than may run are refused as busy", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxInFlight: 2 } });
    const finish: (() => void)[] = [];
    channel.onRequest("m", () => new Promise<void>((resolve) => finish.push(resolve)));
    peer.send({ id: 1, method: "m" }, { id: 2, method: "m" }, { id: 3, method: "m" });
    expect(await peer.next()).toMatchObject({ id: 3, error: { code: -32000 } });
    for (const one of finish) one();
    expect(await peer.next()).toMatchObject({ id: 1, result: null });
    expect(await peer.next()).toMatchObject({ id: 2, result: null });
  });
});

describe("the context of a handler", () => {
  test("knows id and method, and sends notifications and progress to the caller", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("m", async (_params, context) => {
      await context.notify("log", { message: `${context.method} ${String(context.id)}` });
      await context.progress(0.5);
      return "done";
    });
    peer.send({ id: "x", method: "m" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "log", params: { message: "m x" } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/progress", params: { token: "x", value: 0.5 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: "x", result: "done" });
  });

  test("is told when the caller cancels; the request is answered once, as cancelled", async () => {
    const { channel, peer } = openWithPeer();
    const contexts: RequestContext[] = [];
    let finish: () => void = () => undefined;
    channel.onRequest("m", (_params, context) => {
      contexts.push(context);
      return new Promise<void>((resolve) => (finish = resolve));
    });
    peer.send({ id: 1, method: "m" });
    await peer.roundTrip();
    const { signal } = contexts[0]!;
    expect(signal.aborted).toBe(false);
    peer.send({ method: "$/cancelRequest", params: { id: 1 } });
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32800 } });
    expect(signal.aborted).toBe(true);
    finish();
    await peer.roundTrip();
    expect(peer.seen.filter(({ id }) => id === 1)).toHaveLength(1);
  });

  test("gives an aborted signal to who asks for it only after the cancel", async () => {
    const { channel, peer } = openWithPeer();
    const contexts: RequestContext[] = [];
    channel.onRequest("m", (_params, context) => {
      contexts.push(context);
      return new Promise<void>(() => undefined);
    });
    peer.send({ id: 1, method: "m" }, { method: "$/cancelRequest", params: { id: 1 } });
    await peer.next();
    expect(contexts[0]!.signal.aborted).toBe(true);
    expect(contexts[0]!.signal.reason).toBeInstanceOf(RpcError);
  });

  test("is told when the channel ends", async () => {
    const { left, right } = openPair();
    const signals: AbortSignal[] = [];
    right.onRequest("m", (_params, context) => {
      signals.push(context.signal);
      return new Promise<void>(() => undefined);
    });
    const call = rejectionOf(left.request("m"));
    await expect.poll(() => signals.length).toBe(1);
    await left.close();
    await right.closed;
    expect(signals[0]!.aborted).toBe(true);
    expect(signals[0]!.reason).toBeInstanceOf(ChannelError);
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test.each([{ id: 99 }, { id: "1" }, {}, [], { id: null }, { id: {} }])(
    "hears nothing of a cancel of %j",
    async (params) => {
      const { channel, peer } = openWithPeer();
      let finish: () => void = () => undefined;
      channel.onRequest("m", () => new Promise<void>((resolve) => (finish = resolve)));
      peer.send({ id: 1, method: "m" }, { method: "$/cancelRequest", params });
      await peer.roundTrip();
      finish();
      expect(await peer.next()).toMatchObject({ id: 1, result: null });
    },
  );
});
