import { describe, expect, test } from "vitest";
import { openPair, openWithPeer } from "../support/channels.js";

interface Log {
  readonly message: string;
}

function log(message: string): object {
  return { method: "log", params: { message } };
}

describe("handlers", () => {
  test("of one method get the params, of all methods the whole message", async () => {
    const { channel, peer } = openWithPeer();
    const seen: unknown[] = [];
    channel.onNotification("log", (params: Log) => seen.push(params));
    channel.onNotification((message: object) => seen.push(message));
    peer.send(log("a"), { method: "other" });
    await peer.roundTrip();
    expect(seen).toEqual([
      { message: "a" },
      { jsonrpc: "2.0", method: "log", params: { message: "a" } },
      { jsonrpc: "2.0", method: "other" },
    ]);
  });

  test("all of one method are called, in the order they were added", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("log", () => seen.push("first"));
    channel.onNotification("log", () => seen.push("second"));
    peer.send(log("a"));
    await peer.roundTrip();
    expect(seen).toEqual(["first", "second"]);
  });

  test("that are removed are not called any more; the others are", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    const remove = channel.onNotification("log", () => seen.push("first"));
    channel.onNotification("log", () => seen.push("second"));
    const removeAll = channel.onNotification(() => seen.push("all"));
    remove();
    remove();
    removeAll();
    peer.send(log("a"));
    await peer.roundTrip();
    expect(seen).toEqual(["second"]);
  });

  test("that throw or reject are reported, and keep nobody else from being called", async () => {
    const { channel, peer, errors } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("log", () => {
      throw new Error("sync");
    });
    channel.onNotification("log", async () => Promise.reject(new Error("async")));
    channel.onNotification("log", ({ message }: Log) => seen.push(message));
    peer.send(log("a"), log("b"));
    await peer.roundTrip();
    expect(seen).toEqual(["a", "b"]);
    expect(errors.map((error) => (error as Error).message).sort()).toEqual(["async", "async", "sync", "sync"]);
    expect(peer.seen).toHaveLength(1);
  });

  test("see notifications and answers in the order they came", async () => {
    const { channel, peer } = openWithPeer();
    const seen: unknown[] = [];
    channel.onNotification("log", ({ message }: Log) => seen.push(message));
    const call = channel.request<string>("m").then((result) => seen.push(result));
    await peer.next();
    peer.send(log("before"), { id: 1, result: "result" });
    await call;
    peer.send(log("after"));
    await peer.roundTrip();
    expect(seen).toEqual(["before", "result", "after"]);
  });

  test("are never called for requests, and request handlers never for notifications", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("m", () => seen.push("notification"));
    channel.onRequest("m", () => seen.push("request"));
    peer.send({ id: 1, method: "m" });
    await peer.next();
    expect(seen).toEqual(["request"]);
    peer.send({ method: "m" });
    await peer.roundTrip();
    expect(seen).toEqual(["request", "notification"]);
  });
});

describe("notifications that nobody handles yet", () => {
  test("are kept, and given to the first handler once, in order, before anything later", async () => {
    const { channel, peer } = openWithPeer();
    peer.send(log("1"), log("2"), log("3"));
    await peer.roundTrip();
    const first: string[] = [];
    const second: string[] = [];
    channel.onNotification("log", ({ message }: Log) => first.push(message));
    peer.send(log("4"));
    await peer.roundTrip();
    channel.onNotification("log", ({ message }: Log) => second.push(message));
    peer.send(log("5"));
    await peer.roundTrip();
    expect(first).toEqual(["1", "2", "3", "4", "5"]);
    expect(second).toEqual(["5"]);
  });

  test("of other methods stay until a handler for them is added", async () => {
    const { channel, peer } = openWithPeer();
    peer.send({ method: "a" }, { method: "b" }, { method: "a" });
    await peer.roundTrip();
    const seen: string[] = [];
    channel.onNotification("b", () => seen.push("b"));
    await peer.roundTrip();
    expect(seen).toEqual(["b"]);
    channel.onNotification(({ method }: { method: string }) => seen.push(method));
    await peer.roundTrip();
    expect(seen).toEqual(["b", "a", "a"]);
  });

  test("are given after the caller has its disposer, and not when it has used it", async () => {
    const { channel, peer } = openWithPeer();
    peer.send(log("1"));
    await peer.roundTrip();
    const seen: string[] = [];
    const remove = channel.onNotification("log", ({ message }: Log) => seen.push(message));
    expect(seen).toEqual([]);
    remove();
    await peer.roundTrip();
    expect(seen).toEqual([]);
    channel.onNotification("log", ({ message }: Log) => seen.push(message));
    await peer.roundTrip();
    expect(seen).toEqual(["1"]);
  });

  test.each([
    [2, ["2", "3"]],
    [1, ["3"]],
    [0, []],
  ])("are at most %i where that is the limit; the oldest go first", async (maxEarlyNotifications, expected) => {
    const { channel, peer } = openWithPeer({ limits: { maxEarlyNotifications } });
    peer.send(log("1"), log("2"), log("3"));
    await peer.roundTrip();
    const seen: string[] = [];
    channel.onNotification("log", ({ message }: Log) => seen.push(message));
    await peer.roundTrip();
    expect(seen).toEqual(expected);
  });
});

describe("notify", () => {
  test("resolves when the notification has been handed over, in order with requests", async () => {
    const { channel, peer } = openWithPeer();
    const sent = channel.notify("a", { x: 1 });
    channel.request("b").catch(() => undefined);
    await Promise.all([sent, channel.notify("c")]);
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "a", params: { x: 1 } });
    expect(await peer.next()).toMatchObject({ method: "b" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "c" });
  });

  test("reaches the other side's handlers", async () => {
    const { left, right } = openPair();
    const seen: unknown[] = [];
    right.onNotification("log", (params: Log) => seen.push(params));
    await left.notify("log", { message: "x" });
    await expect.poll(() => seen).toEqual([{ message: "x" }]);
  });
});
