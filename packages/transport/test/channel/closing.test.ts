import { describe, expect, onTestFinished, test, vi } from "vitest";
import { ChannelError, createChannel, createMemoryByteLinks, type Channel } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";

describe("close", () => {
  test("rejects every request in flight, with its method and whether it can have been executed", async () => {
    const { channel, peer } = openWithPeer();
    const calls = ["a", "b", "c"].map((method) => rejectionOf(channel.request(method, {}, { timeout: 60_000 })));
    await peer.next();
    await channel.close();
    for (const [at, error] of (await Promise.all(calls)).entries()) {
      expect(error).toBeInstanceOf(ChannelError);
      expect(error).toMatchObject({ code: "CHANNEL_CLOSED", method: "abc"[at], delivery: "unknown" });
    }
  });

  test("twice, at once or later, is the same as once", async () => {
    const { channel } = openWithPeer();
    await Promise.all([channel.close(), channel.close()]);
    const reason = await channel.closed;
    await channel.close();
    expect(await channel.closed).toBe(reason);
  });

  test("makes later requests and notifications reject as not sent", async () => {
    const { channel, peer } = openWithPeer();
    await channel.close();
    const expected = { code: "CHANNEL_CLOSED", method: "m", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("m"))).toMatchObject(expected);
    expect(await rejectionOf(channel.notify("m"))).toMatchObject(expected);
    expect(peer.seen).toEqual([]);
  });

  test("ends the other side, which tells why", async () => {
    const { left, right } = openPair();
    const call = rejectionOf(right.request("m"));
    await left.close();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await right.closed).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("by `await using` comes at the end of the block", async () => {
    const [link] = createMemoryByteLinks();
    let outside: Channel;
    {
      await using channel = createChannel({ link });
      outside = channel;
      expect(await Promise.race([channel.closed, Promise.resolve("open")])).toBe("open");
    }
    expect(await Promise.race([outside.closed, Promise.resolve("open")])).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("sends what was said before it", async () => {
    const { channel, peer } = openWithPeer();
    void channel.notify("last words");
    await channel.close();
    await expect.poll((): unknown => peer.seen).toMatchObject([{ method: "last words" }]);
  });

  test("drops answers of handlers that finish after it", async () => {
    const { channel, peer, errors } = openWithPeer();
    let finish: () => void = () => undefined;
    channel.onRequest("m", () => new Promise<void>((resolve) => (finish = resolve)));
    peer.send({ id: 1, method: "m" });
    await peer.roundTrip();
    const closing = channel.close();
    finish();
    await closing;
    expect(peer.seen).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("inside a handler, in the middle of a chunk, drops the rest of the chunk", async () => {
    const { channel, peer } = openWithPeer();
    const seen: number[] = [];
    channel.onNotification("n", ({ at }: { at: number }) => {
      seen.push(at);
      if (at === 2) void channel.close();
    });
    peer.send(...[1, 2, 3, 4].map((at) => ({ method: "n", params: { at } })));
    await channel.closed;
    expect(seen).toEqual([1, 2]);
  });

  test("lets go of the streams", async () => {
    const { channel, peer } = openWithPeer({ timeout: 60_000 });
    channel.request("m").catch(() => undefined);
    await peer.next();
    await channel.close();
    expect(peer.toChannel.listenerCount("data")).toBe(0);
    expect([peer.toChannel.destroyed, peer.fromChannel.destroyed]).toEqual([true, true]);
  });
});

describe("closed", () => {
  test("is the first reason, whatever comes after", async () => {
    const { channel, peer } = openWithPeer();
    peer.toChannel.destroy(new Error("broken"));
    const reason = await channel.closed;
    expect(reason).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(reason.message).toContain("broken");
    await channel.close();
    peer.fromChannel.destroy(new Error("broken too"));
    expect(await channel.closed).toBe(reason);
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ cause: reason });
  });

  test("by the end of the input rejects what waits", async () => {
    const { channel, peer } = openWithPeer();
    const call = rejectionOf(channel.request("m"));
    peer.toChannel.end();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "unknown" });
  });

  test("by an error of the output rejects what waits", async () => {
    const { channel, peer } = openWithPeer();
    const call = rejectionOf(channel.request("m"));
    peer.fromChannel.destroy(new Error("EPIPE"));
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await rejectionOf(channel.notify("m"))).toMatchObject({ code: "CHANNEL_CLOSED" });
  });

  test("makes no unhandled rejection when nobody looks", async () => {
    const onUnhandled = vi.fn();
    process.on("unhandledRejection", onUnhandled);
    onTestFinished(() => void process.off("unhandledRejection", onUnhandled));
    const { channel, peer } = openWithPeer();
    void channel.notify("a");
    peer.fromChannel.destroy(new Error("EPIPE"));
    await channel.closed;
    void channel.notify("b");
    void channel.notify("c", { n: 1n });
    void channel.close();
    // Rejections are reported after the microtasks of a turn.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(onUnhandled).not.toHaveBeenCalled();
  });

  test("in the middle of a message reports how much is lost", async () => {
    const { channel, peer, errors } = openWithPeer();
    peer.sendText('{"jsonrpc":"2.0","id":1,"res');
    peer.toChannel.end();
    await channel.closed;
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
    expect((errors[0] as Error).message).toContain("28 bytes");
  });
});
