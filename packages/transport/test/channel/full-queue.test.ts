import { getEventListeners } from "node:events";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createChannel, type Channel, type CreateChannelOptions } from "../../src/index.js";
import { rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";
import { collectGarbage } from "../support/garbage.js";
import { readAll, settle } from "../support/streams.js";

const MAX = 1_000;

interface Opened {
  readonly channel: Channel;
  readonly link: FakeLink;
}

function open(options: Partial<CreateChannelOptions> = {}): Opened {
  const link = new FakeLink();
  const channel = createChannel({ ...options, limits: { maxQueuedBytes: MAX, ...options.limits }, link });
  onTestFinished(async () => {
    await channel.close();
  });
  return { channel, link };
}

/** Methods and ids of what was sent, in order. */
function sent({ link }: Opened): unknown[] {
  return link.sent.map(({ method, id }: { method: string; id?: number }) => (id === undefined ? method : [id, method]));
}

describe('a full queue with whenFull "fail", the default', () => {
  test("refuses requests, notifications, batches and streams, as not sent", async () => {
    const opened = open();
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const expected = { code: "OVERLOADED", delivery: "not-sent" };
    expect(await rejectionOf(channel.request("m"))).toMatchObject({ ...expected, method: "m" });
    expect(await rejectionOf(channel.notify("n"))).toMatchObject({ ...expected, method: "n" });
    expect(await rejectionOf(channel.batch([{ method: "b" }]))).toMatchObject(expected);
    expect((await readAll(channel.stream("s"))).error).toMatchObject({ ...expected, method: "s" });
    expect(await rejectionOf(channel.request("i", {}, { input: [1] }))).toMatchObject({ ...expected, method: "i" });
    expect(sent(opened)).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0, queuedBytes: MAX + 1 });
  });

  test("is one above the limit, not one at it; room makes the next request go at once", async () => {
    const opened = open();
    const { channel, link } = opened;
    link.queuedBytes = MAX;
    const first = channel.request("a");
    link.queuedBytes = MAX + 1;
    await rejectionOf(channel.request("refused"));
    link.drain();
    const second = channel.request("b");
    link.deliver({ id: 1, result: 1 });
    expect(await first).toBe(1);
    expect(sent(opened)).toMatchObject([
      [1, "a"],
      [expect.any(Number), "b"],
    ]);
    link.deliver({ id: (link.sent[1] as { id: number }).id, result: 2 });
    expect(await second).toBe(2);
  });

  test("lets answers and the protocol's own notifications pass: they make it shorter, or tell to stop", async () => {
    const opened = open();
    const { channel, link } = opened;
    channel.onRequest("five", () => 5);
    const controller = new AbortController();
    const call = rejectionOf(channel.request("a", {}, { signal: controller.signal }));
    link.queuedBytes = MAX + 1;
    link.deliver({ id: "x", method: "five" });
    controller.abort("stop");
    expect(await call).toBe("stop");
    expect(link.sent).toMatchObject([
      { id: 1, method: "a" },
      { id: "x", result: 5 },
      { method: "$/cancelRequest", params: { id: 1 } },
    ]);
  });
});

describe('a full queue with whenFull "wait"', () => {
  const whenFull = "wait";

  test("sends requests later, in order, and newer ones not before them", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const calls = ["a", "b"].map((method) => channel.request(method));
    await settle();
    expect(sent(opened)).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 2, requestsSent: 0 });
    link.drain();
    // Room is there, and those that wait have not had their turn yet.
    calls.push(channel.request("c"));
    await settle();
    expect(sent(opened)).toEqual([
      [1, "a"],
      [2, "b"],
      [3, "c"],
    ]);
    link.deliver({ id: 3, result: "C" }, { id: 1, result: "A" }, { id: 2, result: "B" });
    expect(await Promise.all(calls)).toEqual(["A", "B", "C"]);
  });

  test("that was empty for a while and fills up again is waited for like the first time", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    for (const [at, method] of ["a", "b"].entries()) {
      link.queuedBytes = MAX + 1;
      const call = channel.request<string>(method);
      await settle();
      expect(link.sent).toHaveLength(at);
      link.drain();
      await settle();
      expect(link.sent).toHaveLength(at + 1);
      link.deliver({ id: at + 1, result: method });
      expect(await call).toBe(method);
    }
  });

  test("that fills up again makes the rest wait again", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const calls = ["a", "b", "c"].map((method) => rejectionOf(channel.request(method)));
    const text = link.text.bind(link);
    link.text = (part) => {
      text(part);
      link.queuedBytes = MAX + 1;
    };
    for (let count = 1; count <= 3; count++) {
      link.drain();
      await settle();
      expect(link.sent).toHaveLength(count);
    }
    await channel.close();
    await Promise.all(calls);
  });

  test.each([
    ["a timeout", { timeout: 20 }],
    ["an abort", { timeout: 0 }],
  ])("%s while waiting leaves nothing on the wire, now or later", async (how, { timeout }) => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    const controller = new AbortController();
    link.queuedBytes = MAX + 1;
    const waiting = rejectionOf(channel.request("given up", {}, { timeout, signal: controller.signal }));
    const other = channel.request("other");
    if (how === "an abort") controller.abort("stop");
    const timedOut = { code: "TIMEOUT", delivery: "not-sent", method: "given up" };
    const reason = await waiting;
    if (how === "an abort") expect(reason).toBe("stop");
    else expect(reason).toMatchObject(timedOut);
    link.drain();
    await settle();
    expect(sent(opened)).toEqual([[2, "other"]]);
    link.deliver({ id: 2, result: 1 });
    expect(await other).toBe(1);
    await vi.waitFor(() => expect(getEventListeners(controller.signal, "abort")).toEqual([]));
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 1, failed: 1 });
  });

  test("the end of the link while waiting rejects as not sent, and nothing is sent", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const calls = ["a", "b"].map((method) => rejectionOf(channel.request(method)));
    link.end();
    for (const call of calls) {
      expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    }
    link.drain();
    await settle();
    expect(sent(opened)).toEqual([]);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("close while waiting rejects as not sent", async () => {
    const { channel, link } = open({ whenFull });
    link.queuedBytes = MAX + 1;
    const call = rejectionOf(channel.request("a"));
    await channel.close();
    expect(await call).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent", method: "a" });
  });

  test("a request that can't be encoded rejects at once, and does not stop those behind it", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const bad = rejectionOf(channel.request("bad", { n: 1n }));
    const good = channel.request("good");
    expect(await bad).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
    link.drain();
    await settle();
    expect(sent(opened)).toEqual([[2, "good"]]);
    link.deliver({ id: 2, result: 1 });
    expect(await good).toBe(1);
  });

  test("what waits is sent as it was when it was given", async () => {
    const { channel, link } = open({ whenFull });
    link.queuedBytes = MAX + 1;
    const params = { n: 1 };
    const call = rejectionOf(channel.request("m", params));
    void channel.notify("n", params);
    params.n = 2;
    link.drain();
    await settle();
    expect(link.sent).toMatchObject([
      { method: "m", params: { n: 1 } },
      { method: "n", params: { n: 1 } },
    ]);
    await channel.close();
    await call;
  });

  test("refuses a batch, and does not let it overtake what waits", async () => {
    const { channel, link } = open({ whenFull });
    const batch = (): Promise<unknown> => rejectionOf(channel.batch([{ method: "b" }]));
    link.queuedBytes = MAX + 1;
    expect(await batch()).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    const call = rejectionOf(channel.request("a"));
    link.drain();
    expect(await batch()).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    await channel.close();
    await call;
  });

  test("a batch to a channel that has ended with a full queue is told of the end, notifications too", async () => {
    const { channel, link } = open({ whenFull });
    link.queuedBytes = MAX + 1;
    await channel.close();
    expect(await rejectionOf(channel.request("a"))).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    for (const notify of [false, true]) {
      const reason = await rejectionOf(channel.batch([{ method: "b", notify }]));
      expect(reason).toMatchObject({ code: "CHANNEL_CLOSED", delivery: "not-sent" });
    }
  });

  test("a limit on requests in flight counts those that wait", async () => {
    const { channel, link } = open({ whenFull, limits: { maxInFlight: 1 } });
    link.queuedBytes = MAX + 1;
    const call = rejectionOf(channel.request("a"));
    expect(await rejectionOf(channel.request("b"))).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    await channel.close();
    await call;
  });

  test("streams and requests with inputs wait as well, announcement and all", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const read = readAll(channel.stream("s"));
    const call = rejectionOf(channel.request("i", {}, { input: [1] }));
    await settle();
    expect(sent(opened)).toEqual([]);
    link.drain();
    await settle();
    expect(sent(opened)).toEqual(["$/stream/pull", [1, "s"], "$/input/open", [2, "i"]]);
    link.deliver({ id: 1, result: "end" }, { id: 2, error: { code: 1, message: "no" } });
    expect(await read).toEqual({ items: [], result: "end" });
    expect(await call).toMatchObject({ code: 1 });
  });

  test("a request with inputs that is given up while waiting leaves nothing on the wire", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const call = rejectionOf(channel.request("i", {}, { input: [1], timeout: 10 }));
    expect(await call).toMatchObject({ code: "TIMEOUT", delivery: "not-sent" });
    link.drain();
    await settle();
    expect(sent(opened)).toEqual([]);
  });

  test("keeps no params of requests that were given up, however many come and go", async () => {
    const { channel, link } = open({ whenFull });
    link.queuedBytes = MAX + 1;
    const kept: WeakRef<object>[] = [];
    for (let at = 0; at < 100; at++) {
      const controller = new AbortController();
      const params = { text: "x".repeat(100) };
      kept.push(new WeakRef(params));
      const call = rejectionOf(channel.request("m", params, { signal: controller.signal }));
      controller.abort("stop");
      await call;
    }
    await settle();
    collectGarbage();
    expect(kept.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(10);
  });
});

describe('notifications of a full queue with whenFull "wait"', () => {
  const whenFull = "wait";

  test("that have left make room for others to wait", async () => {
    const { channel, link } = open({ whenFull });
    const params = { text: "x".repeat(MAX / 2 - 100) };
    for (let round = 0; round < 5; round++) {
      link.queuedBytes = MAX + 1;
      const sent = [channel.notify("a", params), channel.notify("b", params)];
      link.drain();
      await Promise.all(sent);
    }
    expect(link.sent).toHaveLength(10);
  });

  test("go in order with the requests that wait, and resolve when they are handed over", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const settled: string[] = [];
    const notify = (method: string): Promise<unknown> => channel.notify(method).then(() => settled.push(method));
    const done = [notify("n1")];
    const calls = [rejectionOf(channel.request("a"))];
    done.push(notify("n2"));
    calls.push(rejectionOf(channel.request("b")));
    await settle();
    expect([sent(opened), settled]).toEqual([[], []]);
    link.drain();
    // Room is there, and those that wait have not had their turn yet.
    done.push(notify("n3"));
    await Promise.all(done);
    expect(sent(opened)).toEqual(["n1", [1, "a"], "n2", [2, "b"], "n3"]);
    expect(settled).toEqual(["n1", "n2", "n3"]);
    expect(channel.stats().notificationsSent).toBe(3);
    await channel.close();
    await Promise.all(calls);
  });

  test("of a handler's context wait as well", async () => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    channel.onRequest("m", async (_params, context) => {
      await context.notify("first");
      return "then the answer";
    });
    link.queuedBytes = MAX + 1;
    link.deliver({ id: "x", method: "m" });
    await settle();
    expect(link.sent).toEqual([]);
    link.drain();
    await settle();
    expect(link.sent).toMatchObject([{ method: "first" }, { id: "x", result: "then the answer" }]);
  });

  test("that can't be encoded or are too large reject at once", async () => {
    const { channel, link } = open({ whenFull, limits: { maxMessageBytes: 500 } });
    link.queuedBytes = MAX + 1;
    expect(await rejectionOf(channel.notify("n", { n: 1n }))).toMatchObject({ code: "ENCODE_FAILED" });
    const large = channel.notify("n", { text: "x".repeat(500) });
    expect(await rejectionOf(large)).toMatchObject({ code: "MESSAGE_TOO_LARGE", delivery: "not-sent" });
  });

  test.each([
    ["number", "limits.maxInFlight", { maxInFlight: 3 }, 1],
    ["size", "limits.maxQueuedBytes", {}, 250],
  ])("are bounded by their %s; beyond it they reject, and room makes them go again", async (_, limit, limits, size) => {
    const { channel, link } = open({ whenFull, limits });
    link.queuedBytes = MAX + 1;
    const outcomes: string[] = [];
    const notify = (): void => {
      channel.notify("n", { text: "x".repeat(size) }).then(
        () => outcomes.push("sent"),
        (error: unknown) => outcomes.push(String(error)),
      );
    };
    for (let at = 0; at < 5; at++) notify();
    await settle();
    expect(outcomes).toHaveLength(2);
    for (const outcome of outcomes) expect(outcome).toContain(limit);
    link.drain();
    await settle();
    notify();
    await settle();
    expect(outcomes.slice(2)).toEqual(["sent", "sent", "sent", "sent"]);
  });

  test.each(["the link's end", "close()"])("reject on %s as not sent, also when nobody waits for them", async (how) => {
    const opened = open({ whenFull });
    const { channel, link } = opened;
    link.queuedBytes = MAX + 1;
    const waiting = channel.notify("n");
    void channel.notify("nobody waits");
    if (how === "close()") await channel.close();
    else link.end();
    expect(await rejectionOf(waiting)).toMatchObject({
      code: "CHANNEL_CLOSED",
      delivery: "not-sent",
      method: "n",
    });
    link.drain();
    await settle();
    expect(sent(opened)).toEqual([]);
    expect(await rejectionOf(channel.notify("later"))).toMatchObject({ delivery: "not-sent" });
  });
});
