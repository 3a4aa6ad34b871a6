import { describe, expect, test } from "vitest";
import { RpcError, type RequestContext } from "../../src/index.js";
import { openPair, openPipes, openWithPeer, rejectionOf } from "../support/channels.js";
import { readAll, settle, Source } from "../support/streams.js";

const LINKS = [
  ["memory", openPair],
  ["Node streams", openPipes],
] as const;
const never = new Promise<never>(() => undefined);

/** A handler that answers with all of its inputs. */
async function gather(_params: unknown, { input }: RequestContext): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const item of input) items.push(item);
  return items;
}

function* numbers(to: number): Generator<number> {
  for (let at = 1; at <= to; at++) yield at;
}

async function* later<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  for (const item of items) {
    await settle();
    yield item;
  }
}

describe.each(LINKS)("over %s, inputs of a request", (_link, openPair) => {
  test.each([
    ["an array", () => [1, 2, 3]],
    ["a set", () => new Set([1, 2, 3])],
    ["a generator", () => numbers(3)],
    ["an async generator", () => new Source().count(3)],
    ["an async generator that takes its time", () => later([1, 2, 3])],
  ])("arrive in order from %s", async (_, input) => {
    const { left, right } = openPair();
    right.onRequest("gather", gather);
    expect(await left.request("gather", {}, { input: input() })).toEqual([1, 2, 3]);
    expect(left.stats()).toMatchObject({ inFlight: 0, succeeded: 1 });
    await right.idle();
  });

  test("are none for an empty source, and for a request without inputs", async () => {
    const { left, right } = openPair();
    right.onRequest("gather", gather);
    expect(await left.request("gather", {}, { input: [] })).toEqual([]);
    expect(await left.request("gather")).toEqual([]);
  });

  test("are read by a handler that has waited for something else before", async () => {
    const { left, right } = openPair();
    right.onRequest("gather", async (params, context) => {
      await settle();
      return gather(params, context);
    });
    expect(await left.request("gather", {}, { input: [1, 2] })).toEqual([1, 2]);
    expect(await left.request("gather")).toEqual([]);
  });

  test("100,000 of them arrive in order, with the source a window ahead at most", async () => {
    const { left, right } = openPair();
    const source = new Source();
    let furthest = 0;
    right.onRequest("check", async (_params, { input }: RequestContext) => {
      let expected = 0;
      for await (const item of input as AsyncIterable<number>) {
        expected += 1;
        if (item !== expected) throw new Error(`item ${item} in the place of ${expected}`);
        furthest = Math.max(furthest, source.made - expected);
      }
      return expected;
    });
    expect(await left.request("check", {}, { input: source.count(100_000) })).toBe(100_000);
    expect(furthest).toBeLessThanOrEqual(1_024);
  });

  test("wait for a handler that reads slowly", async () => {
    const { left, right } = openPair({}, { limits: { streamWindow: 4 } });
    const source = new Source();
    let read = 0;
    right.onRequest("slow", async (_params, { input }: RequestContext) => {
      for await (const _ of input) {
        read += 1;
        await settle();
        expect(source.made).toBeLessThanOrEqual(read + 4);
      }
      return read;
    });
    expect(await left.request("slow", {}, { input: source.count(30) })).toBe(30);
  });

  test("that are too large together leave in several messages", async () => {
    const { left, right } = openPair({ limits: { maxMessageBytes: 1_000 } });
    let seen: unknown[] = [];
    right.onRequest("gather", async (params, context) => {
      seen = await gather(params, context);
    });
    const texts = Array.from({ length: 32 }, (_, at) => `${at} ${"x".repeat(at * 10)}`);
    await left.request("gather", {}, { input: texts });
    expect(seen).toEqual(texts);
  });

  test("go one way while the answer's items go the other", async () => {
    const { left, right } = openPair({ limits: { streamWindow: 8 } }, { limits: { streamWindow: 8 } });
    right.onRequest("double", async function* (_params, { input }: RequestContext) {
      for await (const item of input as AsyncIterable<number>) yield item * 2;
      return "all doubled";
    });
    const { items, result } = await readAll(left.stream<number>("double", {}, { input: new Source().count(500) }));
    expect(items).toEqual(Array.from({ length: 500 }, (_, at) => (at + 1) * 2));
    expect(result).toBe("all doubled");
  });

  test("of two requests don't mix", async () => {
    const { left, right } = openPair();
    right.onRequest("gather", gather);
    const calls = ["a", "b"].map((text) => left.request("gather", {}, { input: later([`${text}1`, `${text}2`]) }));
    expect(await Promise.all(calls)).toEqual([
      ["a1", "a2"],
      ["b1", "b2"],
    ]);
  });
});

describe.each(LINKS)("over %s, a handler", (_link, openPair) => {
  test("that never reads its inputs never makes the source run, and the answer ends it", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("ignore", () => "ignored");
    expect(await left.request("ignore", {}, { input: source.count(Infinity) })).toBe("ignored");
    await settle();
    expect(source.made).toBe(0);
  });

  test("that stops reading early ends the source when it answers", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("first", async (_params, { input }: RequestContext) => {
      for await (const item of input) return item as unknown;
      return undefined;
    });
    expect(await left.request("first", {}, { input: source.count(Infinity) })).toBe(1);
    await expect.poll(() => source.isOver).toBe(true);
  });

  test("that fails while inputs flow ends the source, and its error is the request's", async () => {
    const { left, right } = openPair();
    const source = new Source();
    right.onRequest("fail", async (_params, { input }: RequestContext) => {
      for await (const item of input) if (item === 3) throw new RpcError(7, "three is too many");
    });
    const error = await rejectionOf(left.request("fail", {}, { input: source.count(Infinity) }));
    expect(error).toMatchObject({ code: 7, message: "three is too many" });
    await expect.poll(() => source.isOver).toBe(true);
  });

  test("that does not exist ends the source", async () => {
    const { left } = openPair();
    const source = new Source();
    const error = await rejectionOf(left.request("nothing", {}, { input: source.count(Infinity) }));
    expect(error).toMatchObject({ code: -32601 });
    await settle();
    expect(source.made).toBe(0);
  });

  test("reads the same inputs from context.input however often it asks for it", async () => {
    const { left, right } = openPair();
    right.onRequest("twice", (_params, context) => [context.input === context.input, context.input].length);
    right.onRequest("same", async (_params, context) => {
      const first = context.input;
      const items: unknown[] = [];
      for await (const item of context.input) items.push(item);
      return [first === context.input, items];
    });
    expect(await left.request("twice", {}, { input: [1] })).toBe(2);
    expect(await left.request("same", {}, { input: [1] })).toEqual([true, [1]]);
  });
});

describe.each(LINKS)("over %s, a source of inputs", (_link, openPair) => {
  test("that throws rejects the request with that very error, cancels it, and gives its handler the items before", async () => {
    const { left, right } = openPair();
    const mine = new Error("mine");
    const seen: unknown[] = [];
    let ended: unknown;
    right.onRequest("read", async (_params, { input }: RequestContext) => {
      try {
        for await (const item of input) seen.push(item);
      } catch (error) {
        ended = error;
      }
    });
    const input = (async function* () {
      yield 1;
      yield 2;
      await settle();
      throw mine;
    })();
    expect(await rejectionOf(left.request("read", {}, { input }))).toBe(mine);
    await expect.poll(() => ended).toMatchObject({ code: -32800 });
    expect(seen).toEqual([1, 2]);
    expect(left.stats().inFlight).toBe(0);
    await right.idle();
  });

  test("that yields what can't be encoded rejects the request with ENCODE_FAILED, and is ended", async () => {
    const { left, right } = openPair();
    right.onRequest("gather", gather);
    let isOver = false;
    const input = (async function* () {
      try {
        yield 1n;
        await settle();
        yield 2;
      } finally {
        isOver = true;
      }
    })();
    expect(await rejectionOf(left.request("gather", {}, { input }))).toMatchObject({ code: "ENCODE_FAILED" });
    await expect.poll(() => isOver).toBe(true);
    await right.idle();
  });

  test("that yields an item too large for a message rejects the request with MESSAGE_TOO_LARGE", async () => {
    const { left, right } = openPair({ limits: { maxMessageBytes: 1_000 } });
    right.onRequest("gather", gather);
    const call = left.request("gather", {}, { input: ["x".repeat(2_000)] });
    expect(await rejectionOf(call)).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
    await right.idle();
  });

  test("is told by return() when its request is cancelled while inputs flow", async () => {
    const { left, right } = openPair({}, { limits: { streamWindow: 4 } });
    const source = new Source();
    right.onRequest("stuck", async (_params, { input }: RequestContext) => {
      for await (const _ of input) await never;
    });
    const controller = new AbortController();
    const options = { input: source.count(Infinity), signal: controller.signal };
    const call = rejectionOf(left.request("stuck", {}, options));
    await expect.poll(() => source.made).toBeGreaterThan(0);
    controller.abort("stop");
    expect(await call).toBe("stop");
    await expect.poll(() => source.isOver).toBe(true);
    await right.idle();
  });

  test("is told by return() when its request times out", async () => {
    const { left, right } = openPair({}, { limits: { streamWindow: 4 } });
    const source = new Source();
    right.onRequest("stuck", async (_params, { input }: RequestContext) => {
      for await (const _ of input) await never;
    });
    const call = left.request("stuck", {}, { input: source.count(Infinity), timeout: 30 });
    expect(await rejectionOf(call)).toMatchObject({ code: "TIMEOUT" });
    await expect.poll(() => source.isOver).toBe(true);
  });

  test("is told by return() when the channel ends, and the handler's loop ends with the reason", async () => {
    const { left, right } = openPair({}, { limits: { streamWindow: 4 } });
    const source = new Source();
    let ended: unknown;
    right.onRequest("read", async (_params, { input }: RequestContext) => {
      try {
        for await (const _ of input) await settle();
      } catch (error) {
        ended = error;
      }
    });
    const call = rejectionOf(left.request("read", {}, { input: source.count(Infinity) }));
    await expect.poll(() => source.made).toBeGreaterThan(0);
    await left.close();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    await expect.poll(() => source.isOver).toBe(true);
    await expect.poll(() => ended).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("that is no iterable rejects the request, and nothing is left behind", async () => {
    const { left } = openPair();
    for (const input of [7, {}, null] as unknown as Iterable<unknown>[]) {
      await expect(left.request("m", {}, { input })).rejects.toBeInstanceOf(TypeError);
    }
    expect(left.stats()).toMatchObject({ inFlight: 0, requestsSent: 0 });
  });

  test("of a request that can't be encoded is not opened", async () => {
    const { left } = openPair();
    let opened = 0;
    const input = {
      [Symbol.asyncIterator]: () => {
        opened += 1;
        return { next: () => never };
      },
    };
    expect(await rejectionOf(left.request("m", { n: 1n }, { input }))).toMatchObject({ code: "ENCODE_FAILED" });
    expect(opened).toBe(0);
  });

  test("whose return() fails harms nobody", async () => {
    const { left, right } = openPair();
    right.onRequest("ignore", () => 1);
    const iterator = (fail: () => never): AsyncIterable<number> => ({
      [Symbol.asyncIterator]: () => ({ next: () => never, return: fail }),
    });
    const throws = iterator(() => {
      throw new Error("sync");
    });
    const rejects = iterator((() => Promise.reject(new Error("async"))) as unknown as () => never);
    expect(await left.request("ignore", {}, { input: throws })).toBe(1);
    expect(await left.request("ignore", {}, { input: rejects })).toBe(1);
    await settle();
  });
});

describe("inputs on the wire", () => {
  test("are announced before the request, flow when asked for, and end with a message", async () => {
    const { channel, peer } = openWithPeer();
    const call = channel.request("sum", { a: 1 }, { input: [1, 2, 3] });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/input/open", params: { id: 1 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, method: "sum", params: { a: 1 } });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(3);
    peer.send({ method: "$/input/pull", params: { id: 1, count: 2 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/input/items", params: { id: 1, items: [1, 2] } });
    peer.send({ method: "$/input/pull", params: { id: 1, count: 2 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/input/items", params: { id: 1, items: [3] } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/input/end", params: { id: 1 } });
    peer.send({ id: 1, result: 6 });
    expect(await call).toBe(6);
  });

  test("for a request that has been answered, or never was, are ignored", async () => {
    const { channel, peer, errors } = openWithPeer();
    channel.onRequest("m", () => 1);
    peer.send({ id: 1, method: "m" }, { method: "$/input/items", params: { id: 1, items: [1] } });
    peer.send(
      { method: "$/input/items", params: { id: 99, items: [1] } },
      { method: "$/input/end", params: { id: 99 } },
    );
    peer.send({ method: "$/input/pull", params: { id: 99, count: 5 } }, { method: "$/input/open" });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(2);
    expect(errors).toEqual([]);
  });

  test("that ended before their request arrived are none, and its handler does not wait for any", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("gather", gather);
    peer.send({ method: "$/input/open", params: { id: 1 } }, { method: "$/input/end", params: { id: 1 } });
    peer.send({ id: 1, method: "gather" });
    let answer = (await peer.next()) as object;
    while (!("id" in answer)) answer = (await peer.next()) as object;
    expect(answer).toEqual({ jsonrpc: "2.0", id: 1, result: [] });
  });

  test("that nobody asked for make the handler's loop fail: it must not miss items without a word", async () => {
    const { channel, peer } = openWithPeer({ limits: { streamWindow: 2 } });
    channel.onRequest("gather", gather);
    peer.send({ method: "$/input/open", params: { id: 1 } }, { id: 1, method: "gather" });
    expect(await peer.next()).toMatchObject({ method: "$/input/pull", params: { id: 1, count: 2 } });
    peer.send({ method: "$/input/items", params: { id: 1, items: [1, 2, 3] } });
    peer.send({ method: "$/input/end", params: { id: 1 } });
    expect(await peer.next()).toMatchObject({ id: 1, error: { code: -32603 } });
  });
});
