// What waits on the receiving side is bounded in bytes, not only by number: 64 GiB are a few thousand messages.

import { describe, expect, onTestFinished, test } from "vitest";
import { createChannel, type Channel, type NotificationOverflow, type RequestContext } from "../../src/index.js";
import { openPair, openPipes, openWithPeer, rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";
import { readAll, settle } from "../support/streams.js";

const MAX = 10_000;
const limits = { maxHeldBytes: MAX };
/** A message with this is a little more than a third of what may wait. */
const large = "x".repeat(3_500);
const never = new Promise<never>(() => undefined);

function log(n: number, text: string = large): object {
  return { method: "log", params: { n, text } };
}

describe("notifications without a handler", () => {
  test("are kept up to so many bytes, and the oldest go first", async () => {
    const { channel, peer } = openWithPeer({ limits });
    peer.send(log(1), log(2), log(3), log(4), log(5, ""));
    await peer.roundTrip();
    const seen: number[] = [];
    channel.onNotification("log", ({ n }: { n: number }) => seen.push(n));
    await peer.roundTrip();
    expect(seen).toEqual([3, 4, 5]);
    expect(channel.stats().notificationsDropped).toBe(2);
  });

  test("may be one that is larger than all that may wait", async () => {
    const { channel, peer } = openWithPeer({ limits });
    peer.send(log(1), log(2, "x".repeat(2 * MAX)));
    await peer.roundTrip();
    const seen: number[] = [];
    channel.onNotification("log", ({ n }: { n: number }) => seen.push(n));
    await peer.roundTrip();
    expect(seen).toEqual([2]);
  });
});

describe("notifications that wait for a handler", () => {
  test.each<[NotificationOverflow, number[]]>([
    ["drop-oldest", [0, 3, 4]],
    ["drop-newest", [0, 1, 2]],
  ])("are bounded in bytes with %s", async (notificationOverflow, expected) => {
    const { channel, peer } = openWithPeer({ limits, notificationOverflow });
    const seen: number[] = [];
    let finish: () => void = () => undefined;
    channel.onNotification("log", async ({ n }: { n: number }) => {
      seen.push(n);
      await new Promise<void>((resolve) => (finish = resolve));
    });
    peer.send(...[0, 1, 2, 3, 4].map((n) => log(n)));
    await peer.roundTrip();
    for (let read = 1; read <= 3; read++) {
      await expect.poll(() => seen.length).toBe(read);
      finish();
    }
    await settle();
    expect(seen).toEqual(expected);
    expect(channel.stats().notificationsDropped).toBe(2);
  });
});

describe("what is said about a request that has not come", () => {
  test("is not kept where its id is long", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("count", async function* () {
      yield 1;
    });
    for (const [id, outcome] of [
      ["x".repeat(1_024), { method: "$/stream/items" }],
      ["x".repeat(1_025), { error: { code: -32600 } }],
    ] as const) {
      peer.send({ method: "$/stream/pull", params: { id, count: 5 } }, { id, method: "count" });
      expect(await peer.next()).toMatchObject(outcome);
      if ("method" in outcome) await peer.next();
    }
  });
});

describe.each([
  ["memory", openPair],
  ["Node streams", openPipes],
])("over %s, a stream", (_, open) => {
  const MIB = 1024 * 1024;

  test("of large items is asked for few of them at once, whichever side is slow", async () => {
    const { left, right } = open();
    let made = 0;
    right.onRequest("items", async function* () {
      for (; made < 20; made++) yield "x".repeat(2 * MIB);
    });
    let read = 0;
    for await (const item of left.stream<string>("items")) {
      read += 1;
      expect(item).toHaveLength(2 * MIB);
      await settle();
      expect(made - read).toBeLessThanOrEqual(4);
    }
    expect(read).toBe(20);
  });

  test("of inputs is asked for few of them at once when they are large", async () => {
    const { left, right } = open();
    let made = 0;
    let read = 0;
    right.onRequest("read", async (_params, { input }: RequestContext) => {
      for await (const _item of input) {
        read += 1;
        await settle();
        expect(made - read).toBeLessThanOrEqual(4);
      }
      return read;
    });
    const input = (function* () {
      for (; made < 20; made++) yield "x".repeat(2 * MIB);
    })();
    expect(await left.request("read", {}, { input })).toBe(20);
  });

  test("of small items is asked for ever more of them, up to its window", async () => {
    const { left, right } = open({ limits: { streamWindow: 100 } });
    let made = 0;
    right.onRequest("items", async function* () {
      for (;;) yield (made += 1);
    });
    const stream = left.stream<number>("items");
    for (let read = 0; read < 50; read++) await stream.next();
    await settle();
    expect(made).toBeGreaterThanOrEqual(100);
    expect(made).toBeLessThanOrEqual(150);
    await stream.return?.();
  });

  test("whose items become large all of a sudden fails when too much waits, is cancelled, and gives what came before", async () => {
    const { left, right } = open(
      { limits: { ...limits, maxMessageBytes: 5_000 } },
      { limits: { maxMessageBytes: 5_000 } },
    );
    let isOver = false;
    right.onRequest("items", async function* () {
      try {
        for (let n = 0; n < 40; n++) yield "small";
        for (;;) yield large;
      } finally {
        isOver = true;
      }
    });
    right.onRequest("five", () => 5);
    const stream = left.stream<string>("items");
    for (let read = 0; read < 36; read++) await stream.next();
    await expect.poll(() => isOver).toBe(true);
    const { items, error } = await readAll(stream);
    expect(error).toMatchObject({
      code: "OVERLOADED",
      message: expect.stringContaining("limits.maxHeldBytes (10000)") as string,
    });
    expect(items.slice(0, 4)).toEqual(["small", "small", "small", "small"]);
    expect(items.join("").length).toBeLessThanOrEqual(MAX + 100);
    expect(await left.request("five")).toBe(5);
    await right.idle();
  });

  test("of inputs that become large all of a sudden fails for its handler when too much waits", async () => {
    const { left, right } = open(
      { limits: { maxMessageBytes: 5_000 } },
      { limits: { ...limits, maxMessageBytes: 5_000 } },
    );
    right.onRequest("read", async (_params, { input }: RequestContext) => {
      let read = 0;
      for await (const _item of input) {
        read += 1;
        if (read === 36) for (let turn = 0; turn < 20; turn++) await settle();
      }
      return read;
    });
    const input = (function* () {
      for (let n = 0; n < 40; n++) yield "small";
      for (;;) yield large;
    })();
    expect(await rejectionOf(left.request("read", {}, { input }))).toMatchObject({
      code: -32603,
      message: expect.stringContaining("limits.maxHeldBytes") as string,
    });
    await right.idle();
  });
});

describe("requests that are running", () => {
  test("hold so many bytes together, more are busy; one may have any size, and an answer makes room", async () => {
    const { channel, peer } = openWithPeer({ limits });
    let finish: (() => void)[] = [];
    channel.onRequest("m", () => new Promise<void>((resolve) => void finish.push(resolve)));
    for (const id of [1, 2, 3, 4]) peer.send({ id, method: "m", params: { large } });
    const busy = { error: { code: -32000, message: "Busy: the requests that are running hold 10000 bytes" } };
    expect(await peer.next()).toMatchObject({ id: 3, ...busy });
    expect(await peer.next()).toMatchObject({ id: 4, ...busy });
    for (const end of finish.splice(0)) end();
    await expect.poll(() => peer.seen.length).toBe(4);
    finish = [];
    peer.send({ id: 5, method: "m", params: { larger: "x".repeat(2 * MAX) } }, { id: 6, method: "m" });
    await expect.poll(() => peer.seen.at(-1) as unknown).toMatchObject({ id: 6, ...busy });
    finish[0]?.();
    await expect.poll(() => peer.seen.at(-1) as unknown).toMatchObject({ id: 5, result: null });
    peer.send({ id: 7, method: "m" });
    await expect.poll(() => channel.stats().running).toBe(1);
    finish[1]?.();
  });

  test("that are cancelled, throw or are done at once make room as well", async () => {
    const { channel, peer } = openWithPeer({ limits });
    channel.onRequest("stuck", () => never);
    channel.onRequest("throws", async () => Promise.reject(new Error("no")));
    channel.onRequest("five", () => 5);
    for (let id = 0; id < 30; id++) {
      peer.send({ id, method: "stuck", params: { large } }, { method: "$/cancelRequest", params: { id } });
      peer.send({ id, method: "throws", params: { large } });
      peer.send({ id: -1 - id, method: "five", params: { large } });
      for (let answer = 0; answer < 3; answer++) await peer.next();
    }
    const codes = peer.seen.map(({ error }: { error?: { code: number } }) => error?.code);
    expect(new Set(codes)).toEqual(new Set([-32800, -32603, undefined]));
  });

  test("of a batch count once, as long as one of them runs", async () => {
    const { channel, peer } = openWithPeer({ limits });
    let finish: (() => void)[] = [];
    channel.onRequest("m", () => new Promise<void>((resolve) => void finish.push(resolve)));
    const batch = (from: number): string =>
      `${JSON.stringify([0, 1, 2, 3].map((n) => ({ jsonrpc: "2.0", id: from + n, method: "m", params: ["x".repeat(1_500)] })))}\n`;
    peer.sendText(batch(1));
    await expect.poll(() => channel.stats().running).toBe(4);
    peer.sendText(batch(11));
    const busy = { error: { code: -32000 } };
    expect(await peer.next()).toMatchObject([busy, busy, busy, busy]);
    for (const end of finish.slice(1)) end();
    peer.sendText(batch(21));
    expect(await peer.next()).toMatchObject([busy, busy, busy, busy]);
    finish[0]?.();
    expect(await peer.next()).toHaveLength(4);
    finish = [];
    peer.sendText(batch(31));
    await expect.poll(() => channel.stats().running).toBe(4);
    for (const end of finish) end();
    expect(await peer.next()).toHaveLength(4);
  });
});

describe("answers", () => {
  function open(maxQueuedBytes: number): { readonly link: FakeLink; readonly channel: Channel } {
    const link = new FakeLink();
    const channel = createChannel({ link, limits: { maxQueuedBytes, maxMessageBytes: 5_000 } });
    onTestFinished(() => channel.close());
    return { link, channel };
  }

  test("that nobody reads keep further requests from running, until they are read", () => {
    const { link, channel } = open(100);
    channel.onRequest("five", () => 5);
    link.queuedBytes = 200;
    link.deliver({ id: 1, method: "five" });
    link.queuedBytes = 201;
    link.deliver({ id: 2, method: "five" });
    link.queuedBytes = 0;
    link.deliver({ id: 3, method: "five" });
    expect(link.sent).toMatchObject([
      { id: 1, result: 5 },
      { id: 2, error: { code: -32000, message: "Busy: 201 bytes wait to be read" } },
      { id: 3, result: 5 },
    ]);
  });

  test("to a batch are not kept back when they are too large to be sent together", () => {
    const { link, channel } = open(100_000);
    channel.onRequest("large", () => large);
    channel.onRequest("stuck", () => never);
    link.deliverBatch(...[1, 2, 3].map((id) => ({ id, method: "large" })), { id: 4, method: "stuck" });
    expect(link.sent).toMatchObject([1, 2, 3].map((id) => ({ id, result: large })));
    link.deliver({ method: "$/cancelRequest", params: { id: 4 } });
    expect(link.sent.at(-1)).toMatchObject({ id: 4, error: { code: -32800 } });
  });
});
