import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createChannel, JsonRpcProtocol, type CreateChannelOptions, type Protocol } from "../../src/index.js";
import { openPair, openWithPeer, rejectionOf } from "../support/channels.js";
import { FakeLink } from "../support/fake-link.js";
import { settle } from "../support/streams.js";

/** A protocol that can't say some of its own messages. */
function without(...names: readonly string[]): Protocol {
  const inner = new JsonRpcProtocol();
  return {
    name: "json-rpc without control",
    bind: (codec, maxBatchSize) => {
      const wire = inner.bind(codec, maxBatchSize);
      const control: typeof wire.control = (method, params) => {
        if (names.includes(method)) throw new Error(`no word for ${method}`);
        return wire.control(method, params);
      };
      return { ...wire, control };
    },
  };
}

function open(options: Omit<CreateChannelOptions, "link">) {
  const link = new FakeLink();
  const errors: unknown[] = [];
  const channel = createChannel({ link, onError: (error) => errors.push(error), ...options });
  onTestFinished(() => channel.close());
  return { link, channel, errors };
}

describe("a cancel that can't be sent", () => {
  test.each([
    ["a timeout", () => ({ timeout: 5 })],
    ["an aborted signal", () => ({ signal: AbortSignal.timeout(5) })],
  ])("after %s is reported; each request settles, and so do those after it", async (_, optionsNow) => {
    const options = optionsNow();
    const { channel, errors } = open({ protocol: without("$/cancelRequest") });
    const calls = [1, 2, 3].map(() => rejectionOf(channel.request("m", {}, options)));
    const code = "timeout" in options ? "TIMEOUT" : 23;
    expect(await Promise.all(calls)).toMatchObject([{ code }, { code }, { code }]);
    expect(errors).toMatchObject(new Array(3).fill({ code: "ENCODE_FAILED", method: "$/cancelRequest" }));
    expect(await rejectionOf(channel.request("m", {}, { timeout: 5 }))).toMatchObject({ code: "TIMEOUT" });
  });

  test("after a stream that was left is reported", async () => {
    const { channel, errors } = open({ protocol: without("$/cancelRequest") });
    const stream = channel.stream("m");
    const step = stream.next();
    await stream.return?.();
    expect(await step).toMatchObject({ done: true });
    expect(errors).toHaveLength(1);
  });
});

describe("with the smallest limit of a message", () => {
  test("a cancel and a pull with the longest numbers fit", async () => {
    const { link, channel, errors } = open({ limits: { maxMessageBytes: 128, streamWindow: Infinity } });
    expect(await rejectionOf(channel.request("m", {}, { timeout: 5 }))).toMatchObject({ code: "TIMEOUT" });
    const stream = channel.stream("m");
    stream.next().catch(() => undefined);
    await vi.waitFor(() => expect(link.sent).toHaveLength(4));
    expect(errors).toEqual([]);
    const longest = { method: "$/stream/pull", params: { id: 2 ** 53 - 1, count: 2 ** 53 - 1 } };
    expect(JSON.stringify({ jsonrpc: "2.0", ...longest }).length).toBeLessThanOrEqual(128);
  });

  test("a limit below it is refused with advice", () => {
    const refused = /maxMessageBytes must be a whole number from 128 to \d+, not 55\. A cancel must fit/;
    expect(() => createChannel({ link: new FakeLink(), limits: { maxMessageBytes: 55 } })).toThrow(refused);
  });
});

describe("a word about items that can't be sent", () => {
  test("asking for more ends the stream with the reason, after the items that have come", async () => {
    let pulls = 0;
    const protocol = without("$/stream/pull");
    const inner = new JsonRpcProtocol();
    const once: Protocol = {
      name: "once",
      bind: (codec, size) => {
        const [able, unable] = [inner.bind(codec, size), protocol.bind(codec, size)];
        return {
          ...able,
          control: (method, params) => (method.endsWith("pull") && pulls++ > 0 ? unable : able).control(method, params),
        };
      },
    };
    const { link, channel } = open({ protocol: once, limits: { streamWindow: 2 } });
    const stream = channel.stream<number>("m");
    const first = stream.next();
    link.deliver({ method: "$/stream/items", params: { id: 1, items: [1, 2] } });
    expect(await first).toMatchObject({ value: 1 });
    expect(await stream.next()).toMatchObject({ value: 2 });
    expect(await rejectionOf(stream.next())).toMatchObject({ code: "ENCODE_FAILED" });
    expect(link.sent.at(-1)).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
    expect(channel.stats().inFlight).toBe(0);
  });

  test("announcing a stream or inputs rejects the request, and stops the inputs", async () => {
    let isOver = false;
    function* input(): Generator<number> {
      try {
        yield 1;
      } finally {
        isOver = true;
      }
    }
    const items = input();
    items.next();
    const { link, channel } = open({ protocol: without("$/stream/pull", "$/input/open") });
    expect(await rejectionOf(channel.stream("m").next())).toMatchObject({ code: "ENCODE_FAILED" });
    expect(await rejectionOf(channel.request("m", {}, { input: items }))).toMatchObject({ code: "ENCODE_FAILED" });
    expect(isOver).toBe(true);
    expect(link.sent).toEqual([]);
    expect(channel.stats().inFlight).toBe(0);
  });

  test("the end of the inputs rejects the request, and the other side is told", async () => {
    const { link, channel } = open({ protocol: without("$/input/end") });
    const call = rejectionOf(channel.request("m", {}, { input: [1] }));
    link.deliver({ method: "$/input/pull", params: { id: 1, count: 9 } });
    expect(await call).toMatchObject({ code: "ENCODE_FAILED", method: "$/input/end" });
    expect(link.sent.at(-1)).toMatchObject({ method: "$/cancelRequest", params: { id: 1 } });
  });

  test("an id that is too long to ask for inputs with fails the reading of them", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxMessageBytes: 200 }, answersUnreadable: true });
    let failure: unknown;
    channel.onRequest("m", async (_params, { input }) => {
      failure = await rejectionOf(Promise.resolve(input[Symbol.asyncIterator]().next()));
      return "read";
    });
    const id = "x".repeat(134);
    peer.send({ method: "$/input/open", params: { id } }, { id, method: "m" });
    expect(await peer.next()).toMatchObject({ id, result: "read" });
    expect(failure).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
  });
});

test("while the queue is full a cancel is sent all the same", async () => {
  const { link, channel } = open({ limits: { maxQueuedBytes: 10 } });
  const call = rejectionOf(channel.request("m", {}, { timeout: 5 }));
  link.queuedBytes = 100;
  expect(await call).toMatchObject({ code: "TIMEOUT" });
  expect(link.sent.at(-1)).toMatchObject({ method: "$/cancelRequest" });
  await settle();
});

test("a stream that is read to its end over a small limit gets all of its items", async () => {
  const limits = { maxMessageBytes: 128, streamWindow: 3 };
  const { left, right } = openPair({ limits }, { limits });
  right.onRequest("count", async function* () {
    for (let n = 0; n < 50; n++) yield await Promise.resolve(n);
  });
  const items: number[] = [];
  for await (const item of left.stream<number>("count")) items.push(item);
  expect(items).toHaveLength(50);
});
