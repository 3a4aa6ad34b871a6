import { describe, expect, test } from "vitest";
import {
  ChannelError,
  ContentLengthFraming,
  createChannel,
  createMemoryByteLinks,
  LengthPrefixedFraming,
  LineDelimitedFraming,
  RawCodec,
} from "../../src/index.js";
import { openWithPeer, rejectionOf } from "../support/channels.js";

function fail(): never {
  throw new Error("boom");
}

describe("values that can't be sent", () => {
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  const bad: readonly (readonly [string, unknown])[] = [
    ["a bigint", { n: 1n }],
    ["a circle", circle],
    ["a getter that throws", Object.defineProperty({}, "n", { get: fail, enumerable: true })],
    ["a toJSON that throws", { toJSON: fail }],
    ["a number", 1],
    ["a text", "x"],
    ["null", null],
    ["true", true],
    ["a function", () => 1],
  ];

  test.each(bad)("%s as params rejects with ENCODE_FAILED; nothing is sent, the channel lives", async (_, given) => {
    const { channel, peer } = openWithPeer({ timeout: 20 });
    const params = given as object;
    for (const call of [channel.request("m", params), channel.notify("m", params)]) {
      const error = await rejectionOf(call);
      expect(error).toBeInstanceOf(ChannelError);
      expect(error).toMatchObject({ code: "ENCODE_FAILED", method: "m", delivery: "not-sent" });
    }
    const call = channel.request<string>("next", {}, { timeout: 5_000 });
    const { id } = (await peer.next()) as { id: number };
    peer.send({ id, result: "works" });
    expect(await call).toBe("works");
    expect(peer.seen).toHaveLength(1);
  });

  test("take no room among the requests in flight", async () => {
    const { channel, peer } = openWithPeer({ limits: { maxInFlight: 1 } });
    for (let at = 0; at < 5; at++) await rejectionOf(channel.request("m", { n: 1n }));
    const call = channel.request<string>("m");
    const { id } = (await peer.next()) as { id: number };
    peer.send({ id, result: "works" });
    expect(await call).toBe("works");
  });

  test("are those of a binary codec over lines: refused when the channel is made", () => {
    const [link] = createMemoryByteLinks();
    const codec = new RawCodec();
    expect(() => createChannel({ link, codec, framing: new LineDelimitedFraming() })).toThrow(ChannelError);
    expect(() => createChannel({ link, codec, framing: new LengthPrefixedFraming() })).not.toThrow();
  });
});

describe("lines that are no messages", () => {
  test("are handed to onNoise, and the next message is found", async () => {
    const { channel, peer, noise, errors } = openWithPeer();
    const call = channel.request<string>("m");
    await peer.next();
    peer.sendText("Hello from println\n{broken\n");
    peer.send({ id: 1, result: "found" });
    expect(await call).toBe("found");
    expect(noise).toEqual(["Hello from println", "{broken"]);
    expect(errors).toEqual([]);
  });

  test.each([
    ["broken JSON", null, "{broken\n"],
    ["nested too deep", 9, `{"jsonrpc":"2.0","id":9,"method":"m","params":${"[".repeat(200)}${"]".repeat(200)}}\n`],
    [
      "invalid UTF-8",
      7,
      Buffer.concat([Buffer.from('{"jsonrpc":"2.0","id":7,"method":"'), Buffer.of(0xff, 0x22, 0x7d, 0x0a)]),
    ],
  ])("are answered by the side that serves: %s, -32700, with the id where it can be told: %j", async (_, id, bytes) => {
    const { channel, peer } = openWithPeer({ answersUnreadable: true });
    channel.onRequest("m", () => 1);
    peer.toChannel.write(bytes);
    peer.send({ id: 1, method: "m" });
    expect(await peer.next()).toMatchObject({ id, error: { code: -32700 } });
    expect(await peer.next()).toMatchObject({ id: 1, result: 1 });
  });

  test("above the noise budget end the channel", async () => {
    const { channel, peer, noise } = openWithPeer({ limits: { maxNoiseBytesPerMinute: 150 } });
    peer.sendText("0123456789\n");
    await peer.roundTrip();
    peer.sendText("0123456789\nx\n");
    expect(await channel.closed).toMatchObject({ code: "FRAME_MALFORMED" });
    expect(noise).toEqual(["0123456789", "0123456789"]);
  });

  test("whose handler throws are reported, and the channel lives", async () => {
    const { peer, errors } = openWithPeer({ onNoise: fail });
    peer.sendText("noise\n");
    await peer.roundTrip();
    expect(errors).toMatchObject([{ message: "boom" }]);
  });
});

describe("values that are no messages", () => {
  test.each([
    ['{"jsonrpc":"2.0","id":5,"method":1}', 5],
    ['{"jsonrpc":"1.0","id":"x","method":"m"}', "x"],
    ['{"jsonrpc":"2.0","id":5,"method":"m","params":7}', 5],
    ['{"jsonrpc":"2.0","id":{},"method":"m"}', null],
    ["{}", null],
    ["null", null],
    ["7", null],
  ])("%s is answered by the side that serves: -32600", async (text, id) => {
    const { peer, errors } = openWithPeer({ answersUnreadable: true });
    peer.sendText(`${text}\n`);
    expect(await peer.next()).toMatchObject({ id, error: { code: -32600 } });
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
  });

  test("without an id are reported by the side that calls, and not answered", async () => {
    const { peer, errors } = openWithPeer();
    peer.sendText('{"jsonrpc":"2.0"}\n{"jsonrpc":"2.0","method":7}\n');
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(1);
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }, { code: "MESSAGE_MALFORMED" }]);
  });

  test("do not go round for ever when the other side echoes all it reads", async () => {
    const { peer } = openWithPeer({ answersUnreadable: true });
    peer.fromChannel.on("data", (text: string) => {
      peer.sendText(text);
    });
    peer.sendText("garbage\n{}\n");
    await expect.poll(() => peer.seen.length).toBe(2);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(peer.seen).toHaveLength(2);
  });
});

describe("a boundary that is lost", () => {
  test("ends the channel: what follows a bad header can't be trusted", async () => {
    const { channel, peer } = openWithPeer({ framing: new ContentLengthFraming() });
    // What the channel writes is not lines here, and nobody reads it.
    peer.fromChannel.removeAllListeners("data").resume();
    const call = rejectionOf(channel.request("m"));
    peer.sendText('{"jsonrpc":"2.0","id":1,"result":1}\r\n\r\n');
    expect(await call).toMatchObject({ code: "FRAME_MALFORMED", method: "m" });
    expect(await channel.closed).toMatchObject({ code: "FRAME_MALFORMED" });
  });

  test("is not a broken message in a whole frame", async () => {
    const { channel, peer, errors } = openWithPeer({ framing: new ContentLengthFraming() });
    peer.fromChannel.removeAllListeners("data").resume();
    const call = channel.request<number>("m");
    const answer = '{"jsonrpc":"2.0","id":1,"result":1}';
    peer.sendText(`Content-Length: 3\r\n\r\n{x}Content-Length: ${answer.length}\r\n\r\n${answer}`);
    expect(await call).toBe(1);
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
  });
});

describe("an id and nothing else", () => {
  const bare = (id: unknown): object => ({ id, metod: "five" });
  const refused = (id: unknown): object => ({ id, error: { code: -32600 } });

  test.each([7, "a", null, 1.5])("that no request waits for, %j, is refused by the side that serves", async (id) => {
    const { peer } = openWithPeer({ answersUnreadable: true, onError: () => undefined });
    peer.send(bare(id));
    expect(await peer.next()).toMatchObject(refused(id));
  });

  test.each(["1", "1.0"])("that a request waits for, %s, fails that, and is not answered", async (id) => {
    const { channel, peer } = openWithPeer({ answersUnreadable: true, onError: () => undefined });
    const call = rejectionOf(channel.request("m"));
    await peer.next();
    peer.sendText(`{"jsonrpc":"2.0","id":${id}}\n`);
    expect(await call).toMatchObject({ code: "MESSAGE_MALFORMED", method: "m" });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(2);
  });

  test("is judged in a batch by what waits as it arrives", async () => {
    const { channel, peer } = openWithPeer({ answersUnreadable: true, onError: () => undefined });
    const call = rejectionOf(channel.request("m"));
    await peer.next();
    peer.sendText(`${JSON.stringify([1, 1, 2].map((id) => ({ jsonrpc: "2.0", id })))}\n`);
    expect(await call).toMatchObject({ code: "MESSAGE_MALFORMED" });
    expect(await peer.next()).toMatchObject([refused(2)]);
  });

  test("is reported, and not answered, by a side that only calls", async () => {
    const { peer, errors } = openWithPeer();
    peer.send(bare(7));
    await peer.roundTrip();
    expect(errors).toMatchObject([{ code: "MESSAGE_MALFORMED" }]);
    expect(peer.seen).toHaveLength(1);
  });
});
