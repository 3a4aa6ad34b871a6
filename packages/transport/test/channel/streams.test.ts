import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ChannelError, RpcError } from "../../src/index.js";
import { openPair, openPipes, openWithPeer, rejectionOf } from "../support/channels.js";
import { readAll, readSome, settle, Source } from "../support/streams.js";

const LINKS = [
  ["memory", openPair],
  ["Node streams", openPipes],
] as const;
const never = new Promise<never>(() => undefined);

describe.each(LINKS)("over %s, a streamed answer", (_link, openPair) => {
  test("gives the items in order, and then what the generator returned", async () => {
    const { left, right } = openPair();
    right.onRequest("count", ({ to }: { to: number }) => new Source().count(to));
    expect(await readAll(left.stream<number>("count", { to: 3 }))).toEqual({ items: [1, 2, 3], result: "done" });
    expect(left.stats()).toMatchObject({ inFlight: 0, succeeded: 1 });
    expect(right.stats()).toMatchObject({ running: 0 });
  });

  test("without items is over at once", async () => {
    const { left, right } = openPair();
    right.onRequest("count", () => new Source().count(0));
    expect(await readAll(left.stream("count"))).toEqual({ items: [], result: "done" });
  });

  test("by an async function that returns a generator is a stream as well", async () => {
    const { left, right } = openPair();
    right.onRequest("count", async () => Promise.resolve(new Source().count(2)));
    expect(await readAll(left.stream("count"))).toEqual({ items: [1, 2], result: "done" });
  });

  test("by the handler of all methods is a stream as well", async () => {
    const { left, right } = openPair();
    right.onRequest(() => new Source().count(2));
    expect(await readAll(left.stream("anything"))).toEqual({ items: [1, 2], result: "done" });
  });

  test.each([null, undefined, false, 0, "", [], { deep: [{}] }])("carries the item %o", async (item) => {
    const { left, right } = openPair();
    right.onRequest("one", async function* () {
      yield item;
    });
    expect(await readAll(left.stream("one"))).toEqual({ items: [item ?? null], result: null });
  });

  test("is asked for when the first item is, and not before", async () => {
    const { channel, peer } = openWithPeer();
    const stream = channel.stream("m", { a: 1 });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    stream.next().catch(() => undefined);
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/stream/pull", params: { id: 1, count: 4 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, method: "m", params: { a: 1 } });
  });

  test("that is left before it was asked for leaves no trace", async () => {
    const { channel, peer } = openWithPeer();
    const stream = channel.stream("m");
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats()).toMatchObject({ requestsSent: 0, cancelled: 0 });
  });

  test("tells its end once, and is simply over after that", async () => {
    const { left, right } = openPair();
    right.onRequest("count", () => new Source().count(1));
    right.onRequest("fail", () => {
      throw new RpcError(7, "no");
    });
    const counted = left.stream("count");
    await readAll(counted);
    expect(await counted.next()).toEqual({ done: true, value: undefined });
    const failed = left.stream("fail");
    expect(await readAll(failed)).toMatchObject({ items: [], error: { code: 7 } });
    expect(await failed.next()).toEqual({ done: true, value: undefined });
  });

  test("gives each of several concurrent next() its own item, and each its end", async () => {
    const { left, right } = openPair();
    right.onRequest("count", () => new Source().count(3));
    const stream = left.stream<number>("count");
    expect(await Promise.all(Array.from({ length: 5 }, () => stream.next()))).toEqual([
      { done: false, value: 1 },
      { done: false, value: 2 },
      { done: false, value: 3 },
      { done: true, value: "done" },
      { done: true, value: undefined },
    ]);
  });

  test("that fails under several concurrent next() rejects the first that has no item, and ends the others", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 1;
      throw new RpcError(7, "no");
    });
    const stream = left.stream("m");
    const [one, two, three] = await Promise.allSettled([stream.next(), stream.next(), stream.next()]);
    expect(one).toEqual({ status: "fulfilled", value: { done: false, value: 1 } });
    expect(two).toMatchObject({ status: "rejected", reason: { code: 7 } });
    expect(three).toEqual({ status: "fulfilled", value: { done: true, value: undefined } });
  });

  test("runs beside another, each with its own items", async () => {
    const { left, right } = openPair();
    right.onRequest("repeat", async function* ({ text, times }: { text: string; times: number }) {
      for (let at = 0; at < times; at++) yield `${text}${at}`;
    });
    const reads = ["a", "b", "c"].map((text) => readAll(left.stream("repeat", { text, times: 100 })));
    for (const [at, { items }] of (await Promise.all(reads)).entries()) {
      expect(items).toHaveLength(100);
      expect(items[99]).toBe(`${"abc".charAt(at)}99`);
    }
  });

  test("goes from the side that serves to the side that calls, and the other way, at once", async () => {
    const { left, right } = openPair();
    for (const side of [left, right]) side.onRequest("count", () => new Source().count(2_000));
    const [one, other] = await Promise.all([readAll(left.stream("count")), readAll(right.stream("count"))]);
    expect(one).toEqual(other);
    expect(one.items).toHaveLength(2_000);
  });

  test("reports progress of its request while it runs", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* (_params, context) {
      yield 1;
      await context.progress(0.5);
      yield 2;
    });
    const progress: unknown[] = [];
    const stream = left.stream("m", {}, { onProgress: (value: unknown) => progress.push(value) });
    expect(await readAll(stream)).toMatchObject({ items: [1, 2] });
    expect(progress).toEqual([0.5]);
  });
});

describe.each(LINKS)("over %s, a stream that fails", (_link, openPair) => {
  test("in the middle gives the items before it, and then the error", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 1;
      yield 2;
      throw new RpcError(7, "no more", { data: "why" });
    });
    const { items, error } = await readAll(left.stream("m"));
    expect(items).toEqual([1, 2]);
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: 7, message: "no more", data: "why", method: "m" });
  });

  test("a turn after its last item gives the items before it, and then the error", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 1;
      await settle();
      throw new Error("broke");
    });
    expect(await readAll(left.stream("m"))).toMatchObject({ items: [1], error: { code: -32603, message: "broke" } });
  });

  test("by an item that can't be encoded gives the items before it, ends with the error, and ends the generator", async () => {
    const { left, right } = openPair();
    let isOver = false;
    right.onRequest("m", async function* () {
      try {
        yield 1;
        await settle();
        yield 2n;
        await settle();
        yield 3;
      } finally {
        isOver = true;
      }
    });
    expect(await readAll(left.stream("m"))).toMatchObject({ items: [1], error: { code: -32603 } });
    await expect.poll(() => isOver).toBe(true);
    expect(right.stats().running).toBe(0);
  });

  test("by an item that can't be encoded tells so although the generator says nothing more", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 2n;
      await never;
    });
    expect(await readAll(left.stream("m", {}, { timeout: 5_000 }))).toMatchObject({
      items: [],
      error: { code: -32603 },
    });
  });

  test("by an item that is too large alone gives the items before it, and then the error", async () => {
    const { left, right } = openPair({}, { limits: { maxMessageBytes: 1_000 } });
    right.onRequest("m", async function* () {
      yield "small";
      yield "x".repeat(2_000);
      yield "never seen";
    });
    const { items, error } = await readAll(left.stream("m"));
    expect(items).toEqual(["small"]);
    expect(error).toMatchObject({ code: -32603, message: expect.stringContaining("maxMessageBytes") as string });
  });

  test("by a result that can't be encoded gives the items, and then the error", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 1;
      return 2n;
    });
    expect(await readAll(left.stream("m"))).toMatchObject({ items: [1], error: { code: -32603 } });
  });

  test.each([
    ["is no function", { [Symbol.asyncIterator]: undefined }],
    [
      "throws",
      {
        [Symbol.asyncIterator]: () => {
          throw new Error("no iterator");
        },
      },
    ],
  ])("because its iterator %s is answered with an error, and the channel lives", async (_, iterable) => {
    const onUnhandled = vi.fn();
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const { left, right } = openPair();
    right.onRequest("now", () => iterable);
    right.onRequest("later", async () => Promise.resolve(iterable));
    const options = { timeout: 5_000 };
    expect(await readAll(left.stream("now", {}, options))).toMatchObject({ error: { code: -32603 } });
    expect(await readAll(left.stream("later", {}, options))).toMatchObject({ error: { code: -32603 } });
    expect(right.stats().running).toBe(0);
    await settle();
    expect(onUnhandled.mock.calls).toEqual([]);
  });

  test("when it gets more items than it asked for is cancelled, and gives the items before that", async () => {
    const { channel, peer } = openWithPeer({ limits: { streamWindow: 2 } });
    const read = readAll(channel.stream("m"));
    await peer.next();
    await peer.next();
    peer.send({ method: "$/stream/items", params: { id: 1, items: [1, 2, 3] } });
    const { error } = await read;
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "MESSAGE_MALFORMED" });
    await peer.roundTrip();
    expect(peer.seen).toContainEqual({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } });
    expect(channel.stats().inFlight).toBe(0);
  });

  test("of a method that does not exist rejects the first next()", async () => {
    const { left } = openPair();
    expect(await readAll(left.stream("nothing"))).toMatchObject({ items: [], error: { code: -32601 } });
  });

  test("because its params can't be encoded rejects the first next(), and nothing is announced", async () => {
    const { channel, peer } = openWithPeer();
    expect(await readAll(channel.stream("m", { n: 1n }))).toMatchObject({ error: { code: "ENCODE_FAILED" } });
    await peer.roundTrip();
    expect(peer.seen.map(({ method }: { method?: string }) => method)).toEqual([undefined]);
  });
});

describe("a method called in the wrong way", () => {
  test("a stream by request() is refused with -32600 and the advice, and its generator does not run", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("count", () => source.count(3));
    const error = await rejectionOf(left.request("count"));
    expect(error).toMatchObject({ code: -32600, message: expect.stringContaining("channel.stream()") as string });
    expect(source.made).toBe(0);
    expect(right.stats().running).toBe(0);
  });

  test.each([
    ["a value", () => 5],
    ["a promise", async () => Promise.resolve(5)],
  ])("one that answers with %s by stream() has no items; its answer is the stream's result", async (_, handler) => {
    const { left, right } = openPair();
    right.onRequest("five", handler);
    expect(await readAll(left.stream("five"))).toEqual({ items: [], result: 5 });
  });

  test("a stream by request() says so in a batch as well", async () => {
    const { left, right } = openPair();
    right.onRequest("count", () => new Source().count(3));
    right.onRequest("five", () => 5);
    expect(await left.batch([{ method: "count" }, { method: "five" }])).toMatchObject([
      { reason: { code: -32600 } },
      { value: 5 },
    ]);
  });
});

describe.each(LINKS)("over %s, leaving a stream early", (_link, openPair) => {
  test("by break cancels it: the generator's finally runs, the other side is told, nothing is pending", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("count", () => source.count(Infinity));
    for await (const item of left.stream<number>("count")) if (item === 5) break;
    expect(left.stats()).toMatchObject({ inFlight: 0, cancelled: 1, failed: 1 });
    await expect.poll(() => source.isOver).toBe(true);
    expect(right.stats().running).toBe(0);
  });

  test("sends one $/cancelRequest, and drops what still comes", async () => {
    const { channel, peer } = openWithPeer();
    const stream = channel.stream("m");
    const first = stream.next();
    peer.send({ method: "$/stream/items", params: { id: 1, items: ["a", "b"] } });
    expect(await first).toEqual({ done: false, value: "a" });
    expect(await stream.return?.("left")).toEqual({ done: true, value: "left" });
    expect(await stream.return?.()).toEqual({ done: true, value: undefined });
    peer.send({ method: "$/stream/items", params: { id: 1, items: ["c"] } }, { id: 1, result: "late" });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    await peer.roundTrip();
    const methods = peer.seen.map(({ method }: { method?: string }) => method);
    expect(methods).toEqual(["$/stream/pull", "m", "$/cancelRequest", undefined]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, answersIgnored: 1, cancelled: 1 });
  });

  test("while next() waits ends that one too", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      await never;
      yield 1;
    });
    const stream = left.stream("m");
    const waiting = stream.next();
    await stream.return?.();
    expect(await waiting).toEqual({ done: true, value: undefined });
    await right.idle();
  });

  test("by a throw in the loop does the same, and throws on", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("count", () => source.count(Infinity));
    const read = async (): Promise<void> => {
      for await (const item of left.stream<number>("count")) if (item === 3) throw new Error("mine");
    };
    await expect(read()).rejects.toThrow("mine");
    await expect.poll(() => source.isOver).toBe(true);
  });

  test("by the end of an `await using` block does the same", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("count", () => source.count(Infinity));
    {
      await using stream = left.stream("count") as AsyncIterableIterator<number> & AsyncDisposable;
      await stream.next();
    }
    await expect.poll(() => source.isOver).toBe(true);
    expect(left.stats().inFlight).toBe(0);
  });

  test("tells the handler by its signal", async () => {
    const { left, right } = openPair();
    const aborted = vi.fn();
    right.onRequest("m", async function* (_params, { signal }) {
      signal.addEventListener("abort", aborted);
      yield 1;
      await never;
    });
    for await (const _ of left.stream("m")) break;
    await expect.poll(() => aborted.mock.calls).toHaveLength(1);
  });
});

describe.each(LINKS)("over %s, the reader's pace", (_link, openPair) => {
  test.each([1, 2, 3, 7, 16, 100])(
    "holds the writer back: never more than a window of %i ahead",
    async (streamWindow) => {
      const { left, right } = openPair({ limits: { streamWindow } });
      const source = new Source();
      right.onRequest("count", () => source.count(Infinity));
      const stream = left.stream<number>("count");
      for (let read = 1; read <= 50; read++) {
        expect(await stream.next()).toEqual({ done: false, value: read });
        await settle();
        expect(source.made).toBeLessThanOrEqual(read + streamWindow);
      }
      await stream.return?.();
    },
  );

  test("lets the writer go on after it had stopped for long", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 4 } });
    const source = new Source();
    right.onRequest("count", () => source.count(1_000));
    const stream = left.stream<number>("count");
    expect(await readSome(stream, 1)).toEqual([1]);
    await settle();
    const stoppedAt = source.made;
    await settle();
    expect(source.made).toBe(stoppedAt);
    expect((await readAll(stream)).items).toHaveLength(999);
  });

  test("holds back each of two streams by itself", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 8 } });
    const slow = new Source();
    right.onRequest("slow", () => slow.count(1_000));
    right.onRequest("fast", () => new Source().count(1_000));
    const stopped = left.stream("slow");
    await stopped.next();
    expect((await readAll(left.stream("fast"))).items).toHaveLength(1_000);
    expect(slow.made).toBeLessThanOrEqual(9);
    await stopped.return?.();
  });

  test("does not hold back a request beside it", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 1 } });
    right.onRequest("count", () => new Source().count(Infinity));
    right.onRequest("five", () => 5);
    const stream = left.stream("count");
    await stream.next();
    expect(await left.request<number>("five")).toBe(5);
    await stream.return?.();
  });

  test("asks for more in few messages", async () => {
    const { channel, peer } = openWithPeer({ limits: { streamWindow: 10 } });
    const stream = channel.stream<number>("m");
    const first = stream.next();
    peer.send({ method: "$/stream/items", params: { id: 1, items: [1, 2, 3, 4] } });
    await first;
    await readSome(stream, 3);
    await peer.roundTrip();
    peer.send({ method: "$/stream/items", params: { id: 1, items: [5, 6, 7, 8, 9, 10] } });
    await readSome(stream, 6);
    await peer.roundTrip();
    const pulls = peer.seen.filter(({ method }: { method?: string }) => method === "$/stream/pull");
    expect(pulls.map(({ params }: { params: { count: number } }) => params.count)).toEqual([4, 8, 5]);
  });

  test("100,000 items arrive in order, through a bounded number of messages", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("count", () => source.count(100_000));
    let expected = 0;
    let furthest = 0;
    for await (const item of left.stream<number>("count")) {
      expected += 1;
      if (item !== expected) throw new Error(`item ${item} in the place of ${expected}`);
      furthest = Math.max(furthest, source.made - expected);
    }
    expect(expected).toBe(100_000);
    expect(furthest).toBeLessThanOrEqual(1_024);
  });
});

describe.each(LINKS)("over %s, items by size", (_link, openPair) => {
  test("that are too large together leave in several messages, in order", async () => {
    const { left, right } = openPair({}, { limits: { maxMessageBytes: 1_000 } });
    const texts = Array.from({ length: 64 }, (_, at) => `${at} ${"x".repeat(at * 10)}`);
    right.onRequest("texts", async function* () {
      yield* texts;
    });
    expect(await readAll(left.stream("texts"))).toEqual({ items: texts, result: null });
  });

  test("larger than what may be queued arrive one by one", async () => {
    const { left, right } = openPair({}, { limits: { maxQueuedBytes: 1_000 } });
    const texts = Array.from({ length: 20 }, (_, at) => `${at} ${"x".repeat(10_000)}`);
    right.onRequest("texts", async function* () {
      yield* texts;
    });
    expect(await readAll(left.stream("texts"))).toEqual({ items: texts, result: null });
  });

  test("wait for room on a pipe that nobody reads, and go on when it is read", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxQueuedBytes: 10_000 } });
    let made = 0;
    channel.onRequest("texts", async function* () {
      for (; made < 200; made++) yield "x".repeat(1_000);
    });
    peer.fromChannel.pause();
    peer.send({ method: "$/stream/pull", params: { id: 1, count: 1_000 } }, { id: 1, method: "texts" });
    await settle();
    expect(made).toBeLessThan(200);
    expect(channel.stats().queuedBytes).toBeLessThan(100_000);
    peer.fromChannel.resume();
    await expect.poll(() => made).toBe(200);
    await expect.poll(() => peer.seen.at(-1) as unknown).toMatchObject({ id: 1, result: null });
    const items = peer.seen.flatMap(({ params }: { params?: { items: string[] } }) => params?.items ?? []);
    expect(items).toHaveLength(200);
  });
});

describe("a stream ends with the reason", () => {
  test("of its signal, and the generator is ended", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 4 } });
    const source = new Source();
    right.onRequest("count", () => source.count(Infinity));
    const controller = new AbortController();
    const stream = left.stream<number>("count", {}, { signal: controller.signal });
    await readSome(stream, 2);
    controller.abort("stop");
    const { error } = await readAll(stream);
    expect(error).toBe("stop");
    await expect.poll(() => source.isOver).toBe(true);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    expect(left.stats()).toMatchObject({ inFlight: 0, cancelled: 1, failed: 1 });
  });

  test("of a signal that was aborted before: nothing is sent", async () => {
    const { channel, peer } = openWithPeer();
    const stream = channel.stream("m", {}, { signal: AbortSignal.abort("no need") });
    expect((await readAll(stream)).error).toBe("no need");
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
  });

  test("of its timeout, which counts from the first next() to the end", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async function* () {
      yield 1;
      await never;
    });
    const { items, error } = await readAll(left.stream("m", {}, { timeout: 20 }));
    expect(items).toEqual([1]);
    expect(error).toMatchObject({ code: "TIMEOUT", method: "m", delivery: "unknown" });
    await right.idle();
  });

  test("of the channel's end on the caller's side; items that are there are still read", async () => {
    const { channel, peer } = openWithPeer();
    const stream = channel.stream<string>("m");
    const first = stream.next();
    peer.send({ method: "$/stream/items", params: { id: 1, items: ["a", "b"] } });
    expect(await first).toEqual({ done: false, value: "a" });
    await channel.close();
    const { items, error } = await readAll(stream);
    expect(items).toEqual(["b"]);
    expect(error).toMatchObject({ code: "CHANNEL_CLOSED", method: "m", delivery: "unknown" });
  });

  test("of the channel's end on the other side, and the generator is ended", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 4 } });
    const source = new Source();
    right.onRequest("count", () => source.count(Infinity));
    const stream = left.stream("count");
    await stream.next();
    await right.close();
    expect((await readAll(stream)).error).toMatchObject({ code: "CHANNEL_CLOSED" });
    await expect.poll(() => source.isOver).toBe(true);
  });

  test("of a channel that has ended before: not sent", async () => {
    const { left } = openPair();
    await left.close();
    const error = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await readAll(left.stream("m"))).toMatchObject({ items: [], error });
  });

  test("of a limit on requests in flight", async () => {
    const { channel } = openWithPeer({ limits: { maxInFlight: 1 } });
    const waiting = rejectionOf(channel.request("m"));
    const error = { code: "OVERLOADED", delivery: "not-sent" };
    expect(await readAll(channel.stream("s"))).toMatchObject({ items: [], error });
    await channel.close();
    await waiting;
  });
});

describe("announcements of streams", () => {
  test("that no request follows take a bounded room, and the streams after them work", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("count", () => new Source().count(2));
    for (let id = 10; id < 5_000; id++) peer.send({ method: "$/stream/pull", params: { id, count: 1 } });
    peer.send({ method: "$/stream/pull", params: { id: 1, count: 5 } }, { id: 1, method: "count" });
    expect(await peer.next()).toMatchObject({ method: "$/stream/items", params: { items: [1, 2] } });
    expect(await peer.next()).toMatchObject({ id: 1, result: "done" });
  });

  test.each([
    {},
    { id: 1 },
    { id: 1, count: -1 },
    { id: 1, count: 1.5 },
    { id: 1, count: "9" },
    { id: 1, count: null },
  ])("with the params %j ask for nothing", async (params) => {
    const { channel, peer, errors } = openWithPeer();
    channel.onRequest("count", () => new Source().count(2));
    peer.send({ method: "$/stream/pull", params }, { id: 1, method: "count" });
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32600 } });
    expect(errors).toEqual([]);
  });
});
