import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { RpcError, type BatchOptions } from "../../src/index.js";
import { openPair, openPipes, openWithPeer, rejectionOf, type Opened } from "../support/channels.js";
import { settle } from "../support/streams.js";
import { SPECIFICATION_EXAMPLES, specificationMethods } from "../support/specification.js";

const LINKS = [
  ["memory", openPair],
  ["Node streams", openPipes],
] as const;

/** A channel that serves, whose other side is the test. */
function openServer(options: Parameters<typeof openWithPeer>[0] = {}): Opened {
  const opened = openWithPeer({ answersUnreadable: true, ...options });
  opened.channel.onRequest("five", () => 5);
  opened.channel.onRequest("echo", (params: unknown) => params);
  return opened;
}

function ids(answers: readonly { readonly id: unknown }[]): unknown[] {
  return answers.map(({ id }) => id);
}

describe.each(LINKS)("over %s, an outgoing batch", (_link, openPair) => {
  test("gives settled results in the order of its calls, whatever the order of the answers", async () => {
    const { left, right } = openPair();
    const logged: unknown[] = [];
    right.onNotification("log", (params: unknown) => logged.push(params));
    right.onRequest("slow", async () => {
      await settle();
      return "slow";
    });
    right.onRequest("fast", () => "fast");
    right.onRequest("fail", () => {
      throw new RpcError(7, "no", { data: [1] });
    });
    const results = await left.batch([
      { method: "slow" },
      { method: "log", params: { message: "between" }, notify: true },
      { method: "fail", params: [] },
      { method: "fast", params: {} },
      { method: "nothing" },
    ]);
    expect(results).toMatchObject([
      { status: "fulfilled", value: "slow" },
      { status: "fulfilled", value: undefined },
      { status: "rejected", reason: { code: 7, message: "no", data: [1], method: "fail" } },
      { status: "fulfilled", value: "fast" },
      { status: "rejected", reason: { code: -32601, method: "nothing" } },
    ]);
    expect(logged).toEqual([{ message: "between" }]);
    expect(left.stats()).toMatchObject({
      inFlight: 0,
      requestsSent: 4,
      notificationsSent: 1,
      succeeded: 2,
      refused: 2,
    });
  });

  test("of notifications only resolves without an answer", async () => {
    const { left, right } = openPair();
    const logged: unknown[] = [];
    right.onNotification("log", (params: unknown) => logged.push(params));
    const calls = [1, 2].map((n) => ({ method: "log", params: [n], notify: true }));
    expect(await left.batch(calls)).toEqual([
      { status: "fulfilled", value: undefined },
      { status: "fulfilled", value: undefined },
    ]);
    await expect.poll(() => logged).toEqual([[1], [2]]);
  });

  test("is answered when the channel on the other side ends first: each request rejects", async () => {
    const { left, right } = openPair();
    right.onRequest("stuck", () => new Promise(() => undefined));
    right.onRequest("five", () => 5);
    const results = left.batch([{ method: "stuck" }, { method: "five" }, { method: "log", notify: true }]);
    await settle();
    await right.close();
    expect(await results).toMatchObject([
      { reason: { code: "CHANNEL_CLOSED", method: "stuck", delivery: "unknown" } },
      { reason: { code: "CHANNEL_CLOSED", method: "five", delivery: "unknown" } },
      { status: "fulfilled" },
    ]);
  });
});

describe("an outgoing batch", () => {
  test("is one array on the wire", async () => {
    const { channel, peer } = openWithPeer();
    const results = channel.batch([{ method: "a", params: [1] }, { method: "n", notify: true }, { method: "b" }]);
    expect(await peer.next()).toEqual([
      { jsonrpc: "2.0", id: 1, method: "a", params: [1] },
      { jsonrpc: "2.0", method: "n" },
      { jsonrpc: "2.0", id: 2, method: "b" },
    ]);
    peer.sendText('[{"jsonrpc":"2.0","id":2,"result":"B"},{"jsonrpc":"2.0","id":1,"result":"A"}]\n');
    expect(await results).toMatchObject([{ value: "A" }, { value: undefined }, { value: "B" }]);
  });

  test("may be answered one by one, in part as a batch, and with strangers among the answers", async () => {
    const { channel, peer } = openWithPeer();
    const results = channel.batch(["a", "b", "c"].map((method) => ({ method })));
    await peer.next();
    peer.sendText('[{"jsonrpc":"2.0","id":3,"result":3},{"jsonrpc":"2.0","id":99,"result":99}]\n');
    peer.send({ id: 1, result: 1 });
    peer.sendText('[{"jsonrpc":"2.0","id":2,"result":2}]\n');
    expect(await results).toMatchObject([{ value: 1 }, { value: 2 }, { value: 3 }]);
    expect(channel.stats()).toMatchObject({ succeeded: 3, answersIgnored: 1 });
  });

  test("without calls has no results, and sends nothing", async () => {
    const { channel, peer } = openWithPeer();
    expect(await channel.batch([])).toEqual([]);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
  });

  test("with an entry that can't be encoded rejects as a whole, and sends nothing", async () => {
    const { channel, peer } = openWithPeer();
    const batch = channel.batch([{ method: "a" }, { method: "b", params: { n: 1n } }, { method: "c" }]);
    const expected = { code: "ENCODE_FAILED", method: "b", delivery: "not-sent" };
    expect(await rejectionOf(batch)).toMatchObject(expected);
    const bad = [{ method: "a" }, { method: "b", params: 7 as unknown as object, notify: true }];
    expect(await rejectionOf(channel.batch(bad))).toMatchObject(expected);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0, notificationsSent: 0 });
  });

  test("that is too large as a whole rejects, and sends nothing", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: 200 } });
    const batch = channel.batch(["a", "b", "c"].map((method) => ({ method, params: ["x".repeat(50)] })));
    expect(await rejectionOf(batch)).toMatchObject({ code: "MESSAGE_TOO_LARGE", delivery: "not-sent" });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("that would be above the limit of requests in flight rejects, and sends nothing", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxInFlight: 3 } });
    const waiting = rejectionOf(channel.request("first"));
    await peer.next();
    const batch = channel.batch(["a", "b", "c"].map((method) => ({ method })));
    expect(await rejectionOf(batch)).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
    expect(channel.stats().inFlight).toBe(1);
    const fitting = channel.batch(["a", "b"].map((method) => ({ method })));
    expect(await peer.next()).toHaveLength(2);
    expect(channel.stats().inFlight).toBe(3);
    await channel.close();
    await Promise.all([waiting, fitting]);
  });

  test("on a channel that has ended rejects as not sent", async () => {
    const { channel } = openWithPeer();
    await channel.close();
    const expected = { code: "CHANNEL_CLOSED", delivery: "not-sent" };
    expect(await rejectionOf(channel.batch([{ method: "a" }]))).toMatchObject(expected);
  });

  test("has one timeout for each of its requests, and tells the other side of each", async () => {
    const { channel, peer } = openWithPeer();
    const results = channel.batch([{ method: "a" }, { method: "b" }, { method: "c" }], { timeout: 20 });
    await peer.next();
    peer.send({ id: 2, result: 2 });
    expect(await results).toMatchObject([
      { reason: { code: "TIMEOUT", method: "a" } },
      { value: 2 },
      { reason: { code: "TIMEOUT", method: "c" } },
    ]);
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 3 } });
  });

  test("has one signal for all of its requests, and keeps no listener of it", async () => {
    const { channel, peer } = openWithPeer();
    const controller = new AbortController();
    const results = channel.batch([{ method: "a" }, { method: "b" }], { signal: controller.signal });
    await peer.next();
    peer.send({ id: 1, result: 1 });
    await peer.roundTrip();
    controller.abort("stop");
    expect(await results).toMatchObject([{ value: 1 }, { reason: "stop" }]);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
    const aborted = channel.batch([{ method: "a" }], { signal: controller.signal });
    expect(await rejectionOf(aborted)).toBe("stop");
  });

  test("takes no input: it could not be told which of its requests it goes with", async () => {
    const { channel, peer } = openWithPeer();
    const options = { input: [1] } as BatchOptions;
    expect(await rejectionOf(channel.batch([{ method: "m" }], options))).toBeInstanceOf(TypeError);
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
  });
});

describe("an incoming batch", () => {
  test.each(SPECIFICATION_EXAMPLES)(
    "as in the specification, %s, whole and byte by byte",
    async (_, text, expected) => {
      for (const chunks of [[`${text}\n`], Array.from(`${text}\n`)]) {
        const { channel, peer } = openWithPeer({ answersUnreadable: true, onError: () => undefined });
        for (const [method, handler] of Object.entries(specificationMethods)) channel.onRequest(method, handler);
        for (const chunk of chunks) peer.sendText(chunk);
        const answer = expected === undefined ? undefined : ((await peer.next()) as unknown);
        expect(answer).toEqual(expected);
        await peer.roundTrip();
        expect(peer.seen).toHaveLength(expected === undefined ? 1 : 2);
      }
    },
  );

  test("is answered once, when all of its handlers are done", async () => {
    const { channel, peer } = openServer();
    const finish: (() => void)[] = [];
    channel.onRequest("slow", (params: unknown) => {
      return new Promise((resolve) => {
        finish.push(() => resolve(params));
      });
    });
    const calls = [1, 2, 3].map((id) => ({ jsonrpc: "2.0", id, method: id === 2 ? "echo" : "slow", params: [id] }));
    peer.sendText(`${JSON.stringify(calls)}\n`);
    await peer.roundTrip();
    finish[1]?.();
    await settle();
    expect(peer.seen).toHaveLength(1);
    finish[0]?.();
    const answers = (await peer.next()) as { id: number; result: unknown }[];
    expect(answers.sort((one, other) => one.id - other.id)).toEqual([
      { jsonrpc: "2.0", id: 1, result: [1] },
      { jsonrpc: "2.0", id: 2, result: [2] },
      { jsonrpc: "2.0", id: 3, result: [3] },
    ]);
  });

  test("that a slow handler holds does not hold the requests after it", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"stuck"},{"jsonrpc":"2.0","id":2,"method":"five"}]\n');
    peer.send({ id: 3, method: "five" });
    expect(await peer.next()).toMatchObject({ id: 3, result: 5 });
  });

  test.each([
    ["of the size that is allowed is answered", 4, false],
    ["above it is refused as one invalid request", 5, true],
  ])("%s", async (_, size, isRefused) => {
    const { peer } = openServer({ limits: { maxBatchSize: 4 } });
    const calls = Array.from({ length: size }, (_call, id) => ({ jsonrpc: "2.0", id, method: "five" }));
    peer.sendText(`${JSON.stringify(calls)}\n`);
    const answer = (await peer.next()) as { id: unknown }[];
    if (isRefused) expect(answer).toMatchObject({ id: null, error: { code: -32600 } });
    else expect(ids(answer)).toEqual([0, 1, 2, 3]);
  });

  test("with two requests of one id, answered at once, gets two answers", async () => {
    const { peer } = openServer();
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"five"},{"jsonrpc":"2.0","id":1,"method":"five"}]\n');
    expect(await peer.next()).toMatchObject([
      { id: 1, result: 5 },
      { id: 1, result: 5 },
    ]);
  });

  test("with two requests of one id, one still running, refuses the second", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("later", async () => {
      await settle();
      return "later";
    });
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"later"},{"jsonrpc":"2.0","id":1,"method":"later"}]\n');
    expect(await peer.next()).toMatchObject([
      { id: 1, error: { code: -32600 } },
      { id: 1, result: "later" },
    ]);
  });

  test("one of whose requests is cancelled is answered with the others", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"stuck"},{"jsonrpc":"2.0","id":2,"method":"five"}]\n');
    await peer.roundTrip();
    peer.send({ method: "$/cancelRequest", params: { id: 1 } });
    expect(await peer.next()).toMatchObject([
      { id: 2, result: 5 },
      { id: 1, error: { code: -32800 } },
    ]);
    await channel.idle();
  });

  test("can cancel its own requests", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("stuck", () => new Promise(() => undefined));
    const cancel = '{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}';
    peer.sendText(`[{"jsonrpc":"2.0","id":1,"method":"stuck"},${cancel}]\n`);
    expect(await peer.next()).toMatchObject([{ id: 1, error: { code: -32800 } }]);
  });

  test("of answers settles each request and is not answered", async () => {
    const { channel, peer } = openServer();
    const calls = Promise.allSettled([channel.request("a"), channel.request("b"), channel.request("c")]);
    for (let at = 0; at < 3; at++) await peer.next();
    peer.sendText(
      '[{"jsonrpc":"2.0","id":2,"result":"B"},{"jsonrpc":"2.0","id":1,"error":{"code":7,"message":"no"}},' +
        '{"jsonrpc":"2.0","id":3},{"jsonrpc":"2.0","id":3,"error":"x"},{"jsonrpc":"2.0","id":99,"result":1}]\n',
    );
    peer.sendText('[{"jsonrpc":"2.0","id":3,"result":1,"error":{"code":1,"message":"both"}}]\n');
    expect(await calls).toMatchObject([
      { reason: { code: 7 } },
      { value: "B" },
      { reason: { code: "MESSAGE_MALFORMED" } },
    ]);
    await peer.roundTrip();
    const extra = peer.seen.slice(3) as { readonly error: { readonly code: number } }[];
    // An object with an id and neither method nor result could be a request as well: it may be answered.
    expect(extra.flat().every(({ error }) => error.code === -32600 || error.code === -32601)).toBe(true);
  });

  test("of answers and requests does both", async () => {
    const { channel, peer } = openServer();
    const call = channel.request("a");
    await peer.next();
    peer.sendText('[{"jsonrpc":"2.0","id":1,"result":"A"},{"jsonrpc":"2.0","id":1,"method":"five"}]\n');
    expect(await call).toBe("A");
    expect(await peer.next()).toMatchObject([{ id: 1, result: 5 }]);
  });

  test("of requests to the side that calls is answered as well", async () => {
    const { channel, peer } = openWithPeer();
    channel.onRequest("five", () => 5);
    peer.sendText('[{"jsonrpc":"2.0","id":"a","method":"five"},{"jsonrpc":"2.0","id":"b","method":"none"}]\n');
    expect(await peer.next()).toMatchObject([
      { id: "a", result: 5 },
      { id: "b", error: { code: -32601 } },
    ]);
  });

  test("with an answer that can't be encoded has an error in its place", async () => {
    const { channel, peer } = openServer();
    channel.onRequest("big", () => 1n);
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"big"},{"jsonrpc":"2.0","id":2,"method":"five"}]\n');
    expect(await peer.next()).toMatchObject([
      { id: 1, error: { code: -32603 } },
      { id: 2, result: 5 },
    ]);
  });

  test("with a broken message in it is answered for the others", async () => {
    const { peer } = openServer();
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"five"},[],{"jsonrpc":"2.0","id":2,"method":7},null]\n');
    expect(await peer.next()).toMatchObject([
      { id: 1, result: 5 },
      { id: null, error: { code: -32600 } },
      { id: 2, error: { code: -32600 } },
      { id: null, error: { code: -32600 } },
    ]);
  });

  test("that closes the channel in the middle starts no handler after that", async () => {
    const { channel, peer } = openServer();
    const started: string[] = [];
    channel.onRequest("close", () => {
      started.push("close");
      return channel.close();
    });
    channel.onRequest("late", () => started.push("late"));
    peer.sendText('[{"jsonrpc":"2.0","id":1,"method":"close"},{"jsonrpc":"2.0","id":2,"method":"late"}]\n');
    await channel.closed;
    await settle();
    expect(started).toEqual(["close"]);
    expect(channel.stats().running).toBe(0);
  });
});

describe("the answers to a batch", () => {
  const limits = { maxMessageBytes: 1_000 };

  async function answersTo(opened: Opened, calls: readonly object[]): Promise<{ id: unknown }[]> {
    const { peer } = opened;
    peer.sendText(`${JSON.stringify(calls.map((call) => ({ jsonrpc: "2.0", ...call })))}\n`);
    await peer.roundTrip();
    await settle();
    const answers = peer.seen as ({ id: unknown } | { id: unknown }[])[];
    return answers.flat().filter(({ id }) => !String(id).startsWith("round trip"));
  }

  test("that are too large together all arrive", async () => {
    const opened = openServer({ limits });
    opened.channel.onRequest("text", ([size]: [number]) => "x".repeat(size));
    const calls = [400, 400, 400].map((size, id) => ({ id, method: "text", params: [size] }));
    expect(ids(await answersTo(opened, calls))).toEqual([0, 1, 2]);
  });

  test.each([-2, -1, 0, 1])("one of which is %i bytes above the limit all arrive", async (above) => {
    const opened = openServer({ limits });
    const envelope = '{"jsonrpc":"2.0","id":1,"result":""}'.length;
    opened.channel.onRequest("text", () => "x".repeat(limits.maxMessageBytes + above - envelope));
    const calls = [
      { id: 0, method: "five" },
      { id: 1, method: "text" },
      { id: 2, method: "five" },
    ];
    const answers = await answersTo(opened, calls);
    expect(ids(answers)).toEqual([0, 1, 2]);
    expect(answers).toMatchObject([{ result: 5 }, {}, { result: 5 }]);
  });

  test("one of whose ids fits into no answer are those of the others", async () => {
    const opened = openServer({ limits });
    opened.peer.sendText(`[{"jsonrpc":"2.0","id":"${"x".repeat(945)}","method":"m"},1]\n`);
    await opened.peer.roundTrip();
    expect(opened.peer.seen.flat()).toContainEqual(expect.objectContaining({ id: null }));
  });
});
