import { describe, expect, test } from "vitest";
import { ChannelError, createChannel, createMemoryByteLinks, type Channel } from "../../src/index.js";
import { openWithPeer, rejectionOf } from "../support/channels.js";

/** A timeout that fires soon, to show that time has passed for others too. */
const SOON_MS = 30;

type RequestWith = (channel: Channel, timeout: number) => Promise<unknown>;

/** Keeps the event loop for so long. */
function work(milliseconds: number): void {
  for (const until = performance.now() + milliseconds; performance.now() < until;);
}

describe("no timeout", () => {
  test.each([
    ["absent", undefined],
    ["0", 0],
    ["Infinity", Infinity],
    ["beyond what a timer can hold", 2 ** 31 + 5],
    ["the largest number", Number.MAX_VALUE],
  ])("when it is %s, on the channel and on the request", async (_, timeout) => {
    const options = timeout === undefined ? {} : { timeout };
    const { channel, peer } = openWithPeer(options);
    let settled = false;
    const byChannel = channel.request<string>("a").finally(() => (settled = true));
    const byRequest = channel.request<string>("b", {}, options).finally(() => (settled = true));
    await rejectionOf(channel.request("c", {}, { timeout: SOON_MS }));
    expect(settled).toBe(false);
    peer.send({ id: 1, result: "A" }, { id: 2, result: "B" });
    expect(await Promise.all([byChannel, byRequest])).toEqual(["A", "B"]);
  });

  test("on the request, where the channel has one", async () => {
    const { channel, peer } = openWithPeer({ timeout: SOON_MS });
    const free = [0, Infinity].map((timeout) => channel.request<number>("free", {}, { timeout }));
    expect(await rejectionOf(channel.request("bound"))).toMatchObject({ code: "TIMEOUT" });
    peer.send({ id: 1, result: 1 }, { id: 2, result: 2 });
    expect(await Promise.all(free)).toEqual([1, 2]);
  });
});

describe("a timeout", () => {
  test("names the method and the time, says that the request may already have run, and tells the other side", async () => {
    const { channel, peer } = openWithPeer({ timeout: SOON_MS });
    const error = await rejectionOf(channel.request("slow"));
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "TIMEOUT", method: "slow", delivery: "unknown" });
    expect((error as Error).message).toMatch(/slow.*30 ms.*may already have run/);
    expect(await peer.next()).toMatchObject({ id: 1, method: "slow" });
    expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } });
  });

  test("of each request is its own, in whatever order they were made", async () => {
    const { channel } = openWithPeer();
    const settled: number[] = [];
    await Promise.all(
      [300, 20, 500, 120].map(async (timeout) => {
        await rejectionOf(channel.request("slow", {}, { timeout }));
        settled.push(timeout);
      }),
    );
    expect(settled).toEqual([20, 120, 300, 500]);
  });

  test.each<[string, RequestWith]>([
    ["a request", (channel, timeout) => channel.request("slow", {}, { timeout })],
    ["a batch", async (channel, timeout) => (await channel.batch([{ method: "slow" }], { timeout }))[0]],
    ["a stream", (channel, timeout) => channel.stream("slow", {}, { timeout }).next()],
  ])("of %s counts from the call, however long the turn has worked before", async (_, ask) => {
    const { channel } = openWithPeer();
    void channel.request("early in the turn", {}, { timeout: 60 }).catch(() => undefined);
    work(80);
    const start = performance.now();
    await ask(channel, 60).catch(() => undefined);
    expect(performance.now() - start).toBeGreaterThanOrEqual(60);
  });

  test("of each of thousands that are made in one turn is never early", async () => {
    const { channel } = openWithPeer();
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 2_000 }, async (_, at) => {
        if (at % 40 === 0) work(1);
        const start = performance.now();
        await rejectionOf(channel.request("slow", {}, { timeout: 100 }));
        const took = performance.now() - start;
        if (took < 100) early.push(took);
      }),
    );
    expect(early).toEqual([]);
  });

  test("of one request leaves the others alone, and does not come after an answer", async () => {
    const { channel, peer } = openWithPeer();
    const answered = channel.request<number>("answered", {}, { timeout: 1_000 });
    await peer.next();
    peer.send({ id: 1, result: 1 });
    expect(await answered).toBe(1);
    const long = channel.request<number>("long", {}, { timeout: 60_000 });
    await rejectionOf(channel.request("short", {}, { timeout: 1_100 }));
    peer.send({ id: 2, result: 2 });
    expect(await long).toBe(2);
    await peer.roundTrip();
    expect(peer.seen.filter(({ method }) => method === "$/cancelRequest")).toHaveLength(1);
  });

  test.each([-1, NaN, -Infinity])("of %d is refused, and nothing is sent", async (timeout) => {
    const { channel, peer } = openWithPeer();
    expect(await rejectionOf(channel.request("m", {}, { timeout }))).toBeInstanceOf(RangeError);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(() => createChannel({ link: createMemoryByteLinks()[0], timeout })).toThrow(RangeError);
  });
});
