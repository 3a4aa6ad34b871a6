import { describe, expect, test } from "vitest";
import { RpcError, type RequestInterceptor } from "../../src/index.js";
import { openWithPeer, rejectionOf } from "../support/channels.js";

const CALLS = [{ method: "a" }, { method: "n", notify: true }, { method: "b", params: { x: 1 } }];

/** Methods of what arrived, a list per frame. */
function frames(seen: readonly unknown[]): unknown[] {
  const methodOf = (message: unknown): unknown => (message as { method?: string }).method;
  return seen.map((frame) => (Array.isArray(frame) ? frame.map(methodOf) : methodOf(frame)));
}

describe("a batch with interceptors", () => {
  test("is still one frame; each of its calls comes by itself", async () => {
    const seen: unknown[] = [];
    const note: RequestInterceptor = async (call, next) => {
      seen.push([call.kind, call.method, call.params]);
      return [await next(call)];
    };
    const { channel, peer } = openWithPeer({ interceptors: [note] });
    const results = channel.batch(CALLS);
    await peer.next();
    peer.send({ id: 2, result: "B" }, { id: 1, result: "A" });
    expect(await results).toEqual([["A"], [undefined], ["B"]].map((value) => ({ status: "fulfilled", value })));
    expect(seen).toEqual([
      ["request", "a", undefined],
      ["notification", "n", undefined],
      ["request", "b", { x: 1 }],
    ]);
    expect(frames(peer.seen)).toEqual([["a", "n", "b"]]);
  });

  test("leaves when the slowest has handed its call on, without those that never do", async () => {
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const { channel, peer } = openWithPeer({
      interceptors: [
        async (call, next) => {
          if (call.method === "a") return "from the cache";
          if (call.method === "b") await slow;
          return next({ ...call, method: `x.${call.method}` });
        },
      ],
    });
    const results = channel.batch(CALLS);
    await peer.roundTrip();
    release();
    await peer.next();
    peer.send({ id: 1, result: "B" });
    expect(await results).toMatchObject([{ value: "from the cache" }, { value: undefined }, { value: "B" }]);
    expect(frames(peer.seen).filter((frame) => Array.isArray(frame))).toEqual([["x.n", "x.b"]]);
  });

  test("of which nothing is left is not sent", async () => {
    const { channel, peer } = openWithPeer({ interceptors: [() => Promise.reject(new Error("no"))] });
    const results = await channel.batch(CALLS);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    await peer.roundTrip();
    expect(frames(peer.seen)).toHaveLength(1);
  });

  test("has its calls repeated one by one", async () => {
    const retry: RequestInterceptor = (call, next) =>
      next(call).catch((error: unknown) => {
        if (error instanceof RpcError) return next(call);
        throw error;
      });
    const { channel, peer } = openWithPeer({ interceptors: [retry] });
    const results = channel.batch([{ method: "a" }, { method: "b" }]);
    await peer.next();
    peer.send({ id: 1, error: { code: 1, message: "not yet" } }, { id: 2, result: "B" });
    await peer.next();
    peer.send({ id: 3, result: "A" });
    expect(await results).toMatchObject([{ value: "A" }, { value: "B" }]);
    expect(frames(peer.seen)).toEqual([["a", "b"], "a"]);
  });

  test("that can't be sent rejects as a whole, unless the interceptors took the failure", async () => {
    const bad = [{ method: "a" }, { method: "b", params: { n: 1n } }];
    const { channel } = openWithPeer({ interceptors: [(call, next) => next(call)] });
    expect(await rejectionOf(channel.batch(bad))).toMatchObject({ code: "ENCODE_FAILED" });
    const tolerant = openWithPeer({ interceptors: [(call, next) => next(call).catch(() => "not sent")] });
    expect(await tolerant.channel.batch(bad)).toMatchObject([{ value: "not sent" }, { value: "not sent" }]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0 });
  });
});
