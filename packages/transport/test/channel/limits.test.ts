import { describe, expect, test } from "vitest";
import { ChannelError, ContentLengthFraming, LengthPrefixedFraming, RpcError } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";

const LIMIT = 1000;

describe("requests in flight", () => {
  test("above the limit are refused as not sent; an answer makes room", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxInFlight: 2 } });
    const first = channel.request<number>("a");
    const second = rejectionOf(channel.request("b"));
    const refused = { code: "OVERLOADED", method: "c", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("c"))).toMatchObject(refused);
    peer.send({ id: 1, result: 1 });
    expect(await first).toBe(1);
    const third = channel.request<number>("d");
    expect(await peer.next()).toMatchObject({ method: "a" });
    expect(await peer.next()).toMatchObject({ method: "b" });
    const { id } = (await peer.next()) as { id: number };
    peer.send({ id, result: 4 });
    expect(await third).toBe(4);
    await channel.close();
    expect(await second).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("that time out or are aborted make room too", async () => {
    const { channel } = openWithPeer({ limits: { maxInFlight: 1 } });
    await rejectionOf(channel.request("a", {}, { timeout: 5 }));
    const controller = new AbortController();
    const call = rejectionOf(channel.request("b", {}, { signal: controller.signal }));
    controller.abort("stop");
    expect(await call).toBe("stop");
    expect(await rejectionOf(channel.request("c", {}, { timeout: 5 }))).toMatchObject({ code: "TIMEOUT" });
  });
});

describe("bytes that wait to be written", () => {
  test("above the limit refuse requests and notifications; what was accepted arrives", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxQueuedBytes: 100_000 } });
    peer.fromChannel.pause();
    const text = "x".repeat(50_000);
    const refused: unknown[] = [];
    let made = 0;
    while (refused.length === 0 && made < 100) {
      channel.request("m", { text }).catch((error: unknown) => refused.push(error));
      made += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(refused).toMatchObject([{ code: "OVERLOADED", delivery: "not-sent" }]);
    expect(await rejectionOf(channel.notify("n"))).toMatchObject({ code: "OVERLOADED" });
    expect(made).toBeGreaterThan(2);
    peer.fromChannel.resume();
    await expect.poll(() => peer.seen.length).toBe(made - 1);
    const call = channel.request<string>("after");
    await expect.poll(() => peer.seen.length).toBe(made);
    const { id, method } = peer.seen.at(-1) as { id: number; method: string };
    expect(method).toBe("after");
    peer.send({ id, result: "works" });
    expect(await call).toBe("works");
  });

  test("may be one message, however large", async () => {
    const { left, right } = openPair({ limits: { maxQueuedBytes: 10 } });
    right.onRequest("size", ({ text }: { text: string }) => text.length);
    expect(await left.request<number>("size", { text: "x".repeat(100_000) })).toBe(100_000);
  });
});

describe("an outgoing message", () => {
  const overhead = '{"jsonrpc":"2.0","id":1,"method":"m","params":{"text":""}}'.length;

  test("of exactly the limit is sent", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: LIMIT } });
    channel.request("m", { text: "a".repeat(LIMIT - overhead) }).catch(() => undefined);
    expect(await peer.next()).toMatchObject({ id: 1 });
  });

  test.each([
    ["one byte above", "a".repeat(LIMIT - overhead + 1)],
    ["above it in bytes, below it in characters", "é".repeat(LIMIT / 2)],
  ])("%s rejects with MESSAGE_TOO_LARGE before anything is sent", async (_, text) => {
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: LIMIT } });
    const expected = { code: "MESSAGE_TOO_LARGE", method: "m", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("m", { text }))).toMatchObject(expected);
    expect(await rejectionOf(channel.notify("m", { text: text + text }))).toMatchObject(expected);
    const call = channel.request<string>("small");
    const { id, method } = (await peer.next()) as { id: number; method: string };
    expect(method).toBe("small");
    peer.send({ id, result: "works" });
    expect(await call).toBe("works");
  });
});

describe("an incoming message above the limit", () => {
  const big = "x".repeat(3 * LIMIT);
  const limits = { maxMessageBytes: LIMIT };

  test("that is an answer rejects the request it belongs to, and no other", async () => {
    const { channel, peer } = openWithPeer({ limits });
    const calls = ["a", "b", "c"].map((method) => channel.request<unknown>(method));
    const outcomes = Promise.allSettled(calls);
    for (const _ of calls) await peer.next();
    peer.send({ id: 2, result: big }, { id: 1, result: "A" }, { id: 3, result: "C" });
    const [a, b, c] = await outcomes;
    expect([a, c]).toMatchObject([{ value: "A" }, { value: "C" }]);
    expect(b).toMatchObject({ reason: { code: "MESSAGE_TOO_LARGE", method: "b", delivery: "unknown" } });
    expect((b as PromiseRejectedResult).reason).toBeInstanceOf(ChannelError);
  });

  test("that is an error answer does so too", async () => {
    const { channel, peer } = openWithPeer({ limits });
    const call = rejectionOf(channel.request("a"));
    await peer.next();
    peer.send({ id: 1, error: { code: 1, message: big } });
    expect(await call).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "a" });
  });

  test("that is a request is refused with its id", async () => {
    const { channel, peer, errors } = openWithPeer({ limits });
    channel.onRequest("m", () => 1);
    peer.send({ id: "x", method: "m", params: { big } }, { id: 2, method: "m" });
    expect(await peer.next()).toMatchObject({ id: "x", error: { code: -32600 } });
    expect(await peer.next()).toMatchObject({ id: 2, result: 1 });
    expect(errors).toMatchObject([{ code: "MESSAGE_TOO_LARGE" }]);
  });

  test("that is a notification is reported, and the channel lives", async () => {
    const { peer, errors } = openWithPeer({ limits });
    peer.send({ method: "log", params: { big } });
    await peer.roundTrip();
    expect(errors).toMatchObject([{ code: "MESSAGE_TOO_LARGE" }]);
    expect(peer.seen).toHaveLength(1);
  });

  test("whose owner can't be told ends the channel: any request could wait for it", async () => {
    const { channel, peer } = openWithPeer({ limits });
    const call = rejectionOf(channel.request("a"));
    peer.sendText(`{"result":"${big}","id":1,"jsonrpc":"2.0"}\n`);
    expect(await call).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "a" });
    expect(await channel.closed).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
  });

  test.each([new LengthPrefixedFraming(), new ContentLengthFraming()])(
    "over $name framing is skipped as well",
    async (framing) => {
      const { left, right } = openPair({ framing, limits }, { framing });
      right.onRequest("repeat", ({ text }: { text: string }) => text.repeat(100));
      const calls = ["a", "b".repeat(100), "c"].map((text) => left.request<string>("repeat", { text }));
      const [small, large, after] = await Promise.allSettled(calls);
      expect([small, after]).toMatchObject([{ value: "a".repeat(100) }, { value: "c".repeat(100) }]);
      expect(large).toMatchObject({ reason: { code: "MESSAGE_TOO_LARGE" } });
    },
  );

  test("of a caller with a higher limit is refused by the side that serves", async () => {
    const { left, right } = openPair({}, { limits, onError: () => undefined });
    right.onRequest("m", () => 1);
    const error = await rejectionOf(left.request("m", { big }));
    expect(error).toBeInstanceOf(RpcError);
    expect(error).toMatchObject({ code: -32600 });
  });
});
