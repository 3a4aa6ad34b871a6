import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { RequestTable } from "../../src/channel/records/request-table.js";
import { openPair, openWithPeer, rejectionOf, type Opened } from "../support/channels.js";

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, "abort").length;
}

describe("an AbortSignal", () => {
  test("that is aborted already rejects with its reason, and nothing is sent", async () => {
    const { channel, peer } = openWithPeer();
    const reason = new Error("no need");
    expect(await rejectionOf(channel.request("m", {}, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
  });

  test.each([[new Error("changed my mind")], ["a text"], [0], [null]])(
    "that aborts rejects with its reason, %o, and tells the other side",
    async (reason) => {
      const { channel, peer } = openWithPeer();
      const controller = new AbortController();
      const call = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
      await peer.next();
      controller.abort(reason);
      expect(await call).toBe(reason);
      expect(await peer.next()).toEqual({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id: 1 } });
      expect(listenersOf(controller.signal)).toBe(0);
    },
  );

  test("without a reason rejects with the platform's AbortError", async () => {
    const { channel } = openWithPeer();
    const controller = new AbortController();
    const call = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
    controller.abort();
    expect(await call).toBe(controller.signal.reason);
    expect(await call).toMatchObject({ name: "AbortError" });
  });

  test("that aborts after the answer changes nothing", async () => {
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const call = channel.request<number>("m", {}, { signal: controller.signal });
    await peer.next();
    peer.send({ id: 1, result: 1 });
    expect(await call).toBe(1);
    controller.abort();
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(2);
  });

  const endings: readonly (readonly [string, object, (opened: Opened) => unknown])[] = [
    ["an answer", {}, ({ peer }) => peer.send({ id: 1, result: 1 })],
    ["an error", {}, ({ peer }) => peer.send({ id: 1, error: { code: 1, message: "no" } })],
    ["a timeout", { timeout: 5 }, () => undefined],
    ["the end of the channel", {}, ({ channel }) => channel.close()],
    ["the end of the input", {}, ({ peer }) => peer.toChannel.end()],
  ];
  test.each(endings)("soon keeps no listener after %s", async (_, options, end) => {
    const opened = openWithPeer();
    const { signal } = new AbortController();
    const settled = opened.channel.request("m", {}, { signal, ...options }).catch(() => undefined);
    expect(listenersOf(signal)).toBe(1);
    await opened.peer.next();
    end(opened);
    await settled;
    await vi.waitFor(() => expect(listenersOf(signal)).toBe(0));
  });

  test("keeps one listener from request to request, and another signal ends that at once", async () => {
    const { left, right } = openPair();
    right.onRequest("m", () => 1);
    const [one, other] = [new AbortController().signal, new AbortController().signal];
    const adding = vi.spyOn(one, "addEventListener");
    for (let call = 0; call < 100; call++) await left.request("m", {}, { signal: one });
    expect(adding).toHaveBeenCalledTimes(1);
    await left.request("m", {}, { signal: other });
    expect([one, other].map(listenersOf)).toEqual([0, 1]);
    await left.close();
    expect([one, other].map(listenersOf)).toEqual([0, 0]);
  });

  test("cancels only its own requests when another signal's are in flight", async () => {
    const { left, right } = openPair();
    right.onRequest("open", () => new Promise(() => undefined));
    const controllers = [new AbortController(), new AbortController()] as const;
    const [first, second] = controllers.map(({ signal }) => rejectionOf(left.request("open", {}, { signal })));
    controllers[0].abort("first");
    expect(await first).toBe("first");
    expect(left.stats()).toMatchObject({ inFlight: 1, cancelled: 1 });
    controllers[1].abort("second");
    expect(await second).toBe("second");
  });

  test("soon keeps no listener of a request that was never sent", async () => {
    const { channel } = openWithPeer({ limits: { maxMessageBytes: 128 } });
    const { signal } = new AbortController();
    await rejectionOf(channel.request("m", { n: 1n }, { signal }));
    await rejectionOf(channel.request("m", { text: "a".repeat(200) }, { signal }));
    await rejectionOf(channel.request("m", {}, { signal, timeout: -1 }));
    await vi.waitFor(() => expect(listenersOf(signal)).toBe(0));
  });

  test("shared by a thousand requests has one listener, and no warning comes", async () => {
    const warnings: Error[] = [];
    const onWarning = (warning: Error): void => void warnings.push(warning);
    process.on("warning", onWarning);
    onTestFinished(() => void process.off("warning", onWarning));
    const { left, right } = openPair();
    right.onRequest("answered", () => 1);
    right.onRequest("open", () => new Promise(() => undefined));
    const controller = new AbortController();
    const { signal } = controller;
    const open = Array.from({ length: 500 }, () => rejectionOf(left.request("open", {}, { signal })));
    await Promise.all(Array.from({ length: 500 }, () => left.request("answered", {}, { signal })));
    expect(listenersOf(signal)).toBe(1);
    controller.abort("enough");
    expect(new Set(await Promise.all(open))).toEqual(new Set(["enough"]));
    expect(listenersOf(signal)).toBe(0);
    // Warnings are emitted in a later tick.
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  });

  test("shared by twelve channels has one listener, and cancels the requests of all", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const opened = Array.from({ length: 12 }, () => openWithPeer());
    const calls = opened.map(({ channel }) => rejectionOf(channel.request("m", {}, { signal })));
    expect(listenersOf(signal)).toBe(1);
    await opened[0]?.channel.close();
    expect(listenersOf(signal)).toBe(1);
    controller.abort("enough");
    expect(await calls[0]).toMatchObject({ code: "CHANNEL_CLOSED" });
    expect(await Promise.all(calls.slice(1))).toEqual(new Array(11).fill("enough"));
    expect(listenersOf(signal)).toBe(0);
  });

  test("cancels a thousand requests in the order in which they were made, without a look at the others", async () => {
    const selecting = vi.spyOn(RequestTable.prototype, "select");
    onTestFinished(() => selecting.mockRestore());
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const { signal } = controller;
    const others = Array.from({ length: 1_000 }, () => channel.request("other").catch(() => undefined));
    const settled: number[] = [];
    const calls = Array.from({ length: 1_000 }, async (_, at) => {
      await rejectionOf(channel.request("m", {}, { signal }));
      settled.push(at);
    });
    await peer.next();
    // The table is asked for all of its requests when it grows.
    selecting.mockClear();
    controller.abort("stop");
    await Promise.all(calls);
    expect(selecting).not.toHaveBeenCalled();
    expect(settled).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    expect(channel.stats()).toMatchObject({ inFlight: 1_000, cancelled: 1_000 });
    await peer.roundTrip();
    const cancels = peer.seen.filter(({ method }) => method === "$/cancelRequest");
    expect(cancels.map(({ params }: { params: { id: number } }) => params.id)).toEqual(
      Array.from({ length: 1_000 }, (_, at) => 1_001 + at),
    );
    await channel.close();
    await Promise.all(others);
  });

  test("that somebody dispatches an event on has not aborted", async () => {
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const call = channel.request<number>("m", {}, { signal: controller.signal });
    controller.signal.dispatchEvent(new Event("abort"));
    peer.send({ id: 1, result: 1 });
    expect(await call).toBe(1);
    const other = rejectionOf(channel.request("m", {}, { signal: controller.signal }));
    controller.abort("now");
    expect(await other).toBe("now");
  });

  test("of one request leaves the others alone", async () => {
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const cancelled = rejectionOf(channel.request("a", {}, { signal: controller.signal }));
    const other = channel.request<string>("b");
    controller.abort("stop");
    expect(await cancelled).toBe("stop");
    peer.send({ id: 1, result: "late" }, { id: 2, result: "B" });
    expect(await other).toBe("B");
  });

  test("whose listener makes another request gets both right", async () => {
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const first = rejectionOf(channel.request("first", {}, { signal: controller.signal }));
    const second = new Promise((resolve) => {
      controller.signal.addEventListener("abort", () => {
        resolve(channel.request("second"));
      });
    });
    controller.abort("stop");
    expect(await first).toBe("stop");
    peer.send({ id: 2, result: 2 });
    expect(await second).toBe(2);
  });

  test("cancels the handler on the other side", async () => {
    const { left, right } = openPair();
    const aborted: unknown[] = [];
    right.onRequest("m", (_params, { signal }) => {
      signal.addEventListener("abort", () => aborted.push(signal.reason));
      return new Promise(() => undefined);
    });
    const controller = new AbortController();
    const call = rejectionOf(left.request("m", {}, { signal: controller.signal }));
    await rejectionOf(left.request("round trip"));
    controller.abort("stop");
    expect(await call).toBe("stop");
    await expect.poll(() => aborted).toHaveLength(1);
    await right.idle();
  });
});

describe("progress", () => {
  function progress(token: unknown, value: unknown): object {
    return { method: "$/progress", params: { token, value } };
  }

  test("reaches the request that it is about, and only while it waits", async () => {
    const { channel, peer, errors } = openWithPeer();
    const seen: unknown[] = [];
    const call = channel.request<string>("m", {}, { onProgress: (value: unknown) => seen.push(value) });
    await peer.next();
    peer.send(
      progress(1, 0.5),
      progress(2, "other"),
      progress("1", "text"),
      progress(1, { n: [1] }),
      progress(1, null),
    );
    peer.send({ id: 1, result: "done" }, progress(1, "late"));
    expect(await call).toBe("done");
    await peer.roundTrip();
    expect(seen).toEqual([0.5, { n: [1] }, null]);
    expect(errors).toEqual([]);
  });

  test("for a request that does not listen is dropped", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async (_params, context) => {
      await context.progress(1);
      return "done";
    });
    expect(await left.request<string>("m")).toBe("done");
  });

  test("whose listener throws is reported, and the request goes on", async () => {
    const { channel, peer, errors } = openWithPeer();
    const onProgress = (): never => {
      throw new Error("boom");
    };
    const call = channel.request<string>("m", {}, { onProgress });
    await peer.next();
    peer.send(progress(1, 1), { id: 1, result: "done" });
    expect(await call).toBe("done");
    expect(errors).toMatchObject([{ message: "boom" }]);
  });

  test("comes in order and before the answer", async () => {
    const { left, right } = openPair();
    right.onRequest("m", async (_params, context) => {
      for (let at = 0; at < 5; at++) void context.progress(at);
      return "done";
    });
    const seen: unknown[] = [];
    const onProgress = (value: unknown): void => void seen.push(value);
    seen.push(await left.request<string>("m", {}, { onProgress }));
    expect(seen).toEqual([0, 1, 2, 3, 4, "done"]);
  });
});
