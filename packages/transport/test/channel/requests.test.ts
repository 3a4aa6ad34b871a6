import { describe, expect, test } from "vitest";
import {
  ChannelError,
  ContentLengthFraming,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  RpcError,
} from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";

const framings = [new LineDelimitedFraming(), new LengthPrefixedFraming(), new ContentLengthFraming()];

describe.each(framings)("over $name framing", (framing) => {
  test("requests go both ways at the same time", async () => {
    const { left, right } = openPair({ framing }, { framing });
    left.onRequest("add", ({ a, b }: { a: number; b: number }) => a + b);
    right.onRequest("concat", async ([a, b]: [string, string]) => a + b);
    const calls = Array.from({ length: 50 }, (_, at) => [
      left.request<string>("concat", [`${at}`, "é"]),
      right.request<number>("add", { a: at, b: 1 }),
    ]).flat();
    expect(await Promise.all<unknown>(calls)).toEqual(Array.from({ length: 50 }, (_, at) => [`${at}é`, at + 1]).flat());
  });

  test("a value of every kind arrives equal", async () => {
    const { left, right } = openPair({ framing }, { framing });
    right.onRequest("echo", ({ value }: { value: unknown }) => value);
    const texts = ["", "a\nb\r\n", "\u2028😀\u0000"];
    for (const value of [null, true, false, 0, -1.5, 1e21, ...texts, [], [[]], {}, { then: 1 }, { a: [{ b: null }] }]) {
      expect(await left.request<unknown>("echo", { value })).toEqual(value);
    }
  });

  test("a handler may call back before it answers", async () => {
    const { left, right } = openPair({ framing }, { framing });
    for (const [here, there] of [
      [left, right],
      [right, left],
    ] as const) {
      here.onRequest("down", async ({ n }: { n: number }) =>
        n === 0 ? [] : [n, ...(await here.request<number[]>("down", { n: n - 1 }))],
      );
      expect(there).not.toBe(here);
    }
    expect(await left.request<number[]>("down", { n: 6 })).toEqual([6, 5, 4, 3, 2, 1]);
  });

  test("a message of 1 MiB goes through", async () => {
    const { left, right } = openPair({ framing }, { framing });
    right.onRequest("echo", ({ value }: { value: unknown }) => value);
    const value = "0123456789abcdef".repeat(65_536);
    expect((await left.request<string>("echo", { value })) === value).toBe(true);
  });
});

describe("a request", () => {
  test("says jsonrpc, id, method and params, with ids that count up", async () => {
    const { channel, peer } = openWithPeer();
    channel.request("add", { a: 1 }).catch(() => undefined);
    channel.request("list").catch(() => undefined);
    channel.request("sum", [1, 2]).catch(() => undefined);
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 1, method: "add", params: { a: 1 } });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 2, method: "list" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", id: 3, method: "sum", params: [1, 2] });
  });

  test("leaves in one write with the others of its turn", async () => {
    const { channel, peer } = openWithPeer();
    for (let at = 0; at < 100; at++) channel.request("add", { at }).catch(() => undefined);
    for (let at = 0; at < 100; at++) await peer.next();
    expect(peer.chunks).toBe(1);
  });

  test("is answered by its id, in whatever order answers come", async () => {
    const { channel, peer } = openWithPeer();
    const calls = ["a", "b", "c"].map((method) => channel.request<string>(method));
    for (const _ of calls) await peer.next();
    peer.send({ id: 3, result: "C" }, { id: 1, result: "A" }, { id: 2, result: "B" });
    expect(await Promise.all(calls)).toEqual(["A", "B", "C"]);
  });

  test("is not answered by its id as a text", async () => {
    const { channel, peer } = openWithPeer();
    const call = channel.request<string>("a");
    await peer.next();
    peer.send({ id: "1", result: "forged" }, { id: 1, result: "real" });
    expect(await call).toBe("real");
  });

  test("rejects with the other side's error: code, message, data, and the method's name", async () => {
    const { channel, peer } = openWithPeer();
    const call = rejectionOf(channel.request("add"));
    await peer.next();
    peer.send({ id: 1, error: { code: 4711, message: "no", data: { why: ["x"] } } });
    expect(await call).toBeInstanceOf(RpcError);
    expect(await call).toMatchObject({ code: 4711, message: "no", data: { why: ["x"] }, method: "add" });
  });

  test("rejects when its answer is no valid message", async () => {
    const { channel, peer } = openWithPeer();
    const bad = [
      { id: 1 },
      { id: 2, result: 1, error: { code: 1, message: "x" } },
      { id: 3, error: "x" },
      { id: 4, jsonrpc: "1.0", result: 1 },
    ];
    const calls = bad.map((_, at) => rejectionOf(channel.request(`m${at}`)));
    for (const _ of bad) await peer.next();
    peer.send(...bad);
    for (const [at, call] of calls.entries()) {
      expect(await call).toBeInstanceOf(ChannelError);
      expect(await call).toMatchObject({ code: "MESSAGE_MALFORMED", method: `m${at}`, delivery: "unknown" });
    }
  });

  test("whose answer has a __proto__ member changes nothing else", async () => {
    const { channel, peer } = openWithPeer();
    const call = channel.request<object>("a");
    await peer.next();
    peer.sendText('{"jsonrpc":"2.0","id":1,"result":{"__proto__":{"polluted":1}}}\n');
    expect("polluted" in (await call)).toBe(false);
  });
});

describe("answers to nothing", () => {
  test("late, double and unknown ones are dropped, and the channel lives", async () => {
    const { channel, peer, errors } = openWithPeer();
    const call = rejectionOf(channel.request("a", {}, { timeout: 20 }));
    await peer.next();
    expect(await call).toMatchObject({ code: "TIMEOUT" });
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    const second = channel.request<string>("b");
    await peer.next();
    peer.send({ id: 1, result: "late" }, { id: 2, result: "first" }, { id: 2, result: "double" });
    peer.send({ id: 99, result: 1 }, { id: "x", result: 1 }, { id: 77, error: { code: 1, message: "unknown" } });
    expect(await second).toBe("first");
    expect(await peer.roundTrip()).toMatchObject({ error: { code: -32601 } });
    expect(errors).toEqual([]);
    expect(peer.seen).toHaveLength(4);
  });

  test("an error without an id is reported, because nobody knows whose it is", async () => {
    const { channel, peer, errors } = openWithPeer();
    const call = channel.request<string>("a");
    await peer.next();
    peer.send({ id: null, error: { code: -32700, message: "Parse error", data: 7 } }, { id: 1, result: "still here" });
    expect(await call).toBe("still here");
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(RpcError);
    expect(errors[0]).toMatchObject({ code: -32700, data: 7 });
    expect((errors[0] as Error).message).toContain("Parse error");
  });

  test("are never answered, however broken they are", async () => {
    const { peer } = openWithPeer({ answersUnreadable: true });
    const error = { code: 1, message: "x" };
    peer.send({ id: 1, result: 1 }, { id: 1, error: 1 }, { result: 1 }, { id: {}, error });
    expect(await peer.roundTrip()).toMatchObject({ error: { code: -32601 } });
    expect(peer.seen).toHaveLength(1);
  });
});
