import { describe, expect, test } from "vitest";
import { ChannelError, createChannel, LengthPrefixedFraming, type Limits } from "../../src/index.js";
import { openPair, openPipes, openWithPeer, rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";
import { settle } from "../support/streams.js";

const LINKS = [
  ["memory", openPair],
  ["Node streams", openPipes],
] as const;

function calls(count: number): { method: string; params: number[] }[] {
  return Array.from({ length: count }, (_, n) => ({ method: "echo", params: [n] }));
}

function answers(ids: readonly number[]): string {
  return `${JSON.stringify(ids.map((id) => ({ jsonrpc: "2.0", id, result: id })))}\n`;
}

describe.each(LINKS)("over %s, a batch of more calls than one array takes", (_link, openPair) => {
  test.each([1_000, 1_001, 2_000, 2_001])("%i of them get their results, in order", async (count) => {
    const { left, right } = openPair();
    right.onRequest("echo", (params: unknown) => params);
    const results = await left.batch(calls(count));
    expect(results).toEqual(Array.from({ length: count }, (_, n) => ({ status: "fulfilled", value: [n] })));
    expect(left.stats()).toMatchObject({ inFlight: 0, succeeded: count, noiseBytes: 0, malformed: 0 });
  });
});

describe("a batch of more calls than one array takes", () => {
  test("is several arrays on the wire, each as large as it may be", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxBatchSize: 2 } });
    const batch = channel.batch([
      { method: "a" },
      { method: "n", notify: true },
      { method: "b" },
      { method: "c" },
      { method: "d" },
    ]);
    expect(await peer.next()).toMatchObject([{ id: 1, method: "a" }, { method: "n" }]);
    expect(await peer.next()).toMatchObject([{ id: 2 }, { id: 3 }]);
    expect(await peer.next()).toMatchObject([{ id: 4, method: "d" }]);
    peer.sendText(answers([4]) + answers([3, 2]) + answers([1]));
    expect(await batch).toMatchObject([{ value: 1 }, { value: undefined }, { value: 2 }, { value: 3 }, { value: 4 }]);
    expect(channel.stats()).toMatchObject({ requestsSent: 4, notificationsSent: 1 });
  });

  test("sends none of the arrays when one of them can't be sent", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxBatchSize: 2, maxMessageBytes: 200 } });
    const large = { method: "m", params: ["x".repeat(200)] };
    const batch = channel.batch([{ method: "a" }, { method: "b" }, large]);
    expect(await rejectionOf(batch)).toMatchObject({ code: "MESSAGE_TOO_LARGE", delivery: "not-sent" });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(channel.stats()).toMatchObject({ inFlight: 0, requestsSent: 0 });
  });

  test("is refused where there are no batches", async () => {
    const { channel } = openWithPeer({ limits: { maxBatchSize: 0 } });
    expect(await rejectionOf(channel.batch(calls(1)))).toMatchObject({ code: "OVERLOADED", delivery: "not-sent" });
  });

  test.each([Infinity, 1])("leaves in arrays of at most %d", async (maxBatchSize) => {
    const { channel, peer } = openWithPeer({ limits: { maxBatchSize } });
    const batch = channel.batch(calls(3));
    const arrays = maxBatchSize === 1 ? [1, 1, 1] : [3];
    for (const size of arrays) expect(await peer.next()).toHaveLength(size);
    peer.sendText(answers([1, 2, 3]));
    expect(await batch).toMatchObject([{ value: 1 }, { value: 2 }, { value: 3 }]);
  });
});

describe("an array of more answers than one array takes", () => {
  const limits: Partial<Limits> = { maxBatchSize: 2 };

  test("settles its requests, and is no noise", async () => {
    const { channel, peer, noise, errors } = openWithPeer({ limits });
    const requests = Promise.all([1, 2, 3].map(() => channel.request<number>("m")));
    for (let at = 0; at < 3; at++) await peer.next();
    peer.sendText(answers([3, 1, 2]));
    expect(await requests).toEqual([1, 2, 3]);
    expect([noise, errors]).toEqual([[], []]);
  });

  test.each([false, true])(
    "beside requests settles its own, the requests are refused (serving: %s)",
    async (answersUnreadable) => {
      const { channel, peer, noise, errors } = openWithPeer({ limits, answersUnreadable });
      channel.onRequest("five", () => 5);
      const request = channel.request<number>("m");
      await peer.next();
      peer.sendText(
        '[{"jsonrpc":"2.0","id":1,"method":"five"},{"jsonrpc":"2.0","id":1,"result":1},{"jsonrpc":"2.0","id":2,"method":"five"}]\n',
      );
      expect(await request).toBe(1);
      expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
      expect(noise).toEqual([]);
      if (answersUnreadable) expect(await peer.next()).toMatchObject([{ id: null, error: { code: -32600 } }]);
      await peer.roundTrip();
      expect(peer.seen).toHaveLength(answersUnreadable ? 3 : 2);
    },
  );

  test("of other values is noise as before", async () => {
    const { peer, noise } = openWithPeer({ limits });
    for (const print of ["[1,2,3]", '[{"result":1},{"result":2},{"a":3}]']) peer.sendText(`${print}\n`);
    await peer.roundTrip();
    expect(noise).toEqual(["[1,2,3]", '[{"result":1},{"result":2},{"a":3}]']);
  });

  test("one of which can't be read settles the others", async () => {
    const { channel, peer } = openWithPeer();
    const results = channel.batch(calls(3));
    await peer.next();
    const deep = "[".repeat(200) + "]".repeat(200);
    peer.sendText(
      `[{"jsonrpc":"2.0","id":1,"result":1},{"jsonrpc":"2.0","id":2,"result":${deep}},{"jsonrpc":"2.0","id":3,"result":3}]\n`,
    );
    expect(await results).toMatchObject([{ value: 1 }, { reason: { code: "MESSAGE_MALFORMED" } }, { value: 3 }]);
  });
});

describe("an array that the other side refuses", () => {
  const refusal = { id: null, error: { code: -32600, message: "a batch has at most 2 messages", data: { limit: 2 } } };

  test("rejects its calls with what the other side says", async () => {
    const { channel, peer, errors } = openWithPeer();
    const other = channel.request<string>("other");
    const batch = channel.batch([...calls(2), { method: "n", notify: true }], { timeout: 60_000 });
    await peer.next();
    await peer.next();
    peer.send(refusal);
    const reason = { code: -32600, message: "a batch has at most 2 messages", data: { limit: 2 }, method: "echo" };
    expect(await batch).toMatchObject([{ reason }, { reason }, { status: "fulfilled" }]);
    peer.send({ id: 1, result: "other" });
    expect(await other).toBe("other");
    expect(errors).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, refused: 2 });
  });

  test("by a side with a smaller limit does not wait for ever", async () => {
    const { left, right } = openPair({}, { limits: { maxBatchSize: 2 }, onError: () => undefined });
    right.onRequest("echo", (params: unknown) => params);
    expect(await left.batch(calls(3))).toMatchObject(new Array(3).fill({ reason: { code: -32600 } }));
    expect(await left.batch(calls(2))).toMatchObject([{ value: [0] }, { value: [1] }]);
  });

  test("is told from one of which something was answered", async () => {
    const { channel, peer } = openWithPeer();
    const answered = channel.batch(calls(2));
    await peer.next();
    peer.send({ id: 1, result: 1 });
    const refused = channel.batch(calls(1));
    await peer.next();
    peer.send(refusal);
    expect(await refused).toMatchObject([{ reason: { code: -32600 } }]);
    peer.send({ id: 2, result: 2 });
    expect(await answered).toMatchObject([{ value: 1 }, { value: 2 }]);
  });

  test("can be any of several that wait: all of them reject, and the other side is told", async () => {
    const { channel, peer, errors } = openWithPeer();
    const batches = [channel.batch(calls(1)), channel.batch(calls(1))];
    await peer.next();
    await peer.next();
    peer.send(refusal);
    for (const batch of batches) expect(await batch).toMatchObject([{ reason: { code: -32600 } }]);
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    expect(await peer.next()).toMatchObject({ method: "$/cancelRequest", params: { id: 2 } });
    peer.send(refusal);
    await peer.roundTrip();
    expect(errors).toMatchObject([{ code: -32600 }]);
  });

  test("is not one whose calls have settled by themselves", async () => {
    const { channel, peer, errors } = openWithPeer();
    await channel.batch(calls(2), { timeout: 5 });
    peer.send(refusal);
    await peer.roundTrip();
    expect(errors).toMatchObject([{ code: -32600 }]);
  });
});

test("a codec that can't put a batch together: it rejects, and nothing is sent", async () => {
  const link = new FakeLink();
  const codec = {
    name: "odd",
    binary: true,
    encode: (value: unknown) => new TextEncoder().encode(JSON.stringify(value)),
    decode: () => {
      throw new Error("boom");
    },
  };
  const channel = createChannel({ link, codec, framing: new LengthPrefixedFraming() });
  const error = await rejectionOf(channel.batch(calls(2)));
  expect(error).toBeInstanceOf(ChannelError);
  expect(error).toMatchObject({ code: "ENCODE_FAILED", delivery: "not-sent" });
  expect(channel.stats().inFlight).toBe(0);
  await settle();
  expect(link.sent).toEqual([]);
});
