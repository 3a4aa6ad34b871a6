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

describe("a handler that changes who is listening", () => {
  test("by registering itself again gets each notification once", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    const listen = (): void => {
      const remove = channel.onNotification("log", ({ message }: Log) => {
        if (seen.length > 10) return;
        remove();
        seen.push(message);
        listen();
      });
    };
    const listenToAll = (): void => {
      const remove = channel.onNotification(({ params }: { params: Log }) => {
        if (seen.length > 10) return;
        remove();
        seen.push(`all ${params.message}`);
        listenToAll();
      });
    };
    listen();
    listenToAll();
    peer.send(log("1"), log("2"));
    await peer.roundTrip();
    expect(seen).toEqual(["1", "all 1", "2", "all 2"]);
  });

  test("by registering itself again gets each notification that was kept once", async () => {
    const { channel, peer } = openWithPeer();
    peer.send(log("1"), log("2"));
    await peer.roundTrip();
    const seen: string[] = [];
    const listen = (): void => {
      const remove = channel.onNotification("log", ({ message }: Log) => {
        if (seen.length > 10) return;
        remove();
        seen.push(message);
        listen();
      });
    };
    listen();
    peer.send(log("3"));
    await peer.roundTrip();
    expect(seen).toEqual(["1", "2", "3"]);
  });

  test("by adding another keeps this notification from it, by removing one keeps it from that", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("log", ({ message }: Log) => {
      seen.push(`first ${message}`);
      if (message !== "1") return;
      channel.onNotification("log", ({ message }: Log) => seen.push(`added ${message}`));
      remove();
    });
    const remove = channel.onNotification("log", ({ message }: Log) => seen.push(`removed ${message}`));
    peer.send(log("1"), log("2"));
    await peer.roundTrip();
    expect(seen).toEqual(["first 1", "first 2", "added 2"]);
  });

  test.each([
    ["whose then() throws", () => Object.defineProperty(Promise.resolve(), "then", { value: refuse })],
    ["whose catch() throws", () => Object.defineProperty(Promise.resolve(), "catch", { value: refuse })],
    ["whose constructor can't be read", () => Object.defineProperty(Promise.resolve(), "constructor", { get: refuse })],
    ["that is a thenable which rejects", () => ({ then: (_: unknown, no: (why: unknown) => void) => no(refusal) })],
  ])("returning a promise %s gets the next one all the same", async (_, outcome) => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("log", ({ message }: Log) => {
      seen.push(message);
      return outcome();
    });
    peer.send(log("1"), log("2"));
    await peer.roundTrip();
    await expect.poll(() => seen).toEqual(["1", "2"]);
  });
});

const refusal = new Error("no");
function refuse(): never {
  throw refusal;
}

describe("after close()", () => {
  test("no notification is delivered: neither one that was kept, nor one that waits, nor the rest of a chunk", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    let finish: () => void = () => undefined;
    peer.send({ method: "kept" }, { method: "kept" });
    await peer.roundTrip();
    channel.onNotification("slow", async () => {
      seen.push("slow");
      await new Promise<void>((resolve) => (finish = resolve));
    });
    channel.onNotification("last", () => {
      seen.push("last");
      void channel.close();
    });
    channel.onNotification("last", () => seen.push("the second handler of the last"));
    peer.send({ method: "slow" }, { method: "slow" }, { method: "last" }, { method: "slow" });
    await channel.closed;
    finish();
    channel.onNotification("kept", () => seen.push("kept"));
    channel.onNotification(() => seen.push("any"));
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(["slow", "last"]);
  });

  test("a handler added just before gets nothing of what was kept", async () => {
    const { channel, peer } = openWithPeer();
    peer.send({ method: "kept" });
    await peer.roundTrip();
    const seen: string[] = [];
    channel.onNotification("kept", () => seen.push("kept"));
    void channel.close();
    await channel.closed;
    expect(seen).toEqual([]);
  });

  test("of the other side what had arrived is still delivered", async () => {
    const { channel, peer } = openWithPeer();
    const seen: string[] = [];
    channel.onNotification("log", async ({ message }: Log) => {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(message);
    });
    peer.send({ method: "kept" }, log("1"), log("2"));
    await peer.roundTrip();
    peer.toChannel.end();
    await channel.closed;
    channel.onNotification("kept", () => seen.push("kept"));
    await expect.poll(() => [...seen].sort()).toEqual(["1", "2", "kept"]);
  });
});
