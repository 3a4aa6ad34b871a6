import { describe, expect, test } from "vitest";
import { ChannelError } from "../../src/index.js";
import { openWithPeer, rejectionOf, type Opened } from "../support/channels.js";

const DEEP = "[".repeat(200) + "]".repeat(200);

interface Asked extends Opened {
  readonly first: Promise<unknown>;
  readonly second: Promise<unknown>;
}

/** Two requests, 1 and 2, wait for their answers. */
async function ask(options: Parameters<typeof openWithPeer>[0] = {}): Promise<Asked> {
  const opened = openWithPeer(options);
  const first = rejectionOf(opened.channel.request("first"));
  const second = opened.channel.request("second");
  await opened.peer.next();
  await opened.peer.next();
  return { ...opened, first, second };
}

function bytes(...parts: readonly (string | number)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))));
}

describe.each([
  ["the side that calls", false],
  ["the side that serves", true],
])("on %s, an answer that can't be read", (_, answersUnreadable) => {
  test.each<readonly [string, Buffer]>([
    ["nested too deep", bytes(`{"jsonrpc":"2.0","id":1,"result":${DEEP}}\n`)],
    ["not valid UTF-8", bytes('{"jsonrpc":"2.0","id":1,"result":"', 0xff, '"}\n')],
    ["cut inside a character", bytes('{"jsonrpc":"2.0","id":1,"result":"', 0xe2, 0x82, '"}\n')],
    ["broken behind its id", bytes('{"jsonrpc":"2.0","id":1,"result":{"a":}}\n')],
    ["cut short", bytes('{"jsonrpc":"2.0","id":1,"result":"half\n')],
    ["an error that is broken", bytes('{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":}}\n')],
    ["full of brackets that don't match", bytes('{"jsonrpc":"2.0","id":1,"result":[1,2}}\n')],
  ])("because it is %s rejects its request, and no other", async (_why, line) => {
    const { channel, peer, first, second, noise } = await ask({ answersUnreadable });
    peer.toChannel.write(line);
    peer.send({ id: 2, result: "fine" });
    const error = await first;
    expect(error).toBeInstanceOf(ChannelError);
    expect(error).toMatchObject({ code: "MESSAGE_MALFORMED", method: "first", delivery: "unknown" });
    expect((error as Error).message).toMatch(/^first: the answer .*can't be read: ./);
    expect(await second).toBe("fine");
    expect(noise).toEqual([]);
    expect(channel.stats()).toMatchObject({ inFlight: 0, failed: 1, succeeded: 1, malformed: 1 });
    await peer.roundTrip();
    expect(peer.seen).toHaveLength(3);
  });

  test("because it is larger than a message may be rejects its request, and no other", async () => {
    const { channel, peer, first, second } = await ask({ answersUnreadable, limits: { maxMessageBytes: 1_000 } });
    peer.send({ id: 1, result: "x".repeat(2_000) }, { id: 2, result: "fine" });
    expect(await first).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "first", delivery: "unknown" });
    expect(await second).toBe("fine");
    expect(channel.stats()).toMatchObject({ inFlight: 0, failed: 1, malformed: 1 });
  });

  test.each([
    ["both result and error", '"result":1,"error":{"code":1,"message":"x"}'],
    ["neither", '"other":1'],
    ["an error that is none", '"error":"x"'],
    ["an error without a code", '"error":{"message":"x"}'],
    ["an error with a code that is no whole number", '"error":{"code":1.5,"message":"x"}'],
    ["an error of null", '"error":null'],
  ])("because it has %s rejects its request, and no other", async (what, members) => {
    const { peer, first, second, channel } = await ask({ answersUnreadable });
    if (what === "neither") {
      // It could as well be a call without a method: it says nothing by which it could be told.
      peer.sendText(`{"jsonrpc":"2.0","id":1,${members},"result":null,"error":7}\n`);
    } else {
      peer.sendText(`{"jsonrpc":"2.0","id":1,${members}}\n`);
    }
    peer.send({ id: 2, result: "fine" });
    expect(await first).toMatchObject({ code: "MESSAGE_MALFORMED", method: "first", delivery: "unknown" });
    expect(await second).toBe("fine");
    expect(channel.stats().inFlight).toBe(0);
  });

  test("ends its stream, and items before it are read", async () => {
    const { channel, peer } = openWithPeer({ answersUnreadable });
    const stream = channel.stream("s");
    const item = stream.next();
    peer.send({ method: "$/stream/items", params: { id: 1, items: ["a", "b"] } });
    peer.sendText(`{"jsonrpc":"2.0","id":1,"result":${DEEP}}\n`);
    expect(await item).toEqual({ done: false, value: "a" });
    expect(await stream.next()).toEqual({ done: false, value: "b" });
    expect(await rejectionOf(stream.next())).toMatchObject({ code: "MESSAGE_MALFORMED", method: "s" });
  });
});

describe("an answer that can't be read, glued to a print", () => {
  test.each([
    ["behind it", `42% {"jsonrpc":"2.0","id":1,"result":${DEEP}}\n`, ["42% "]],
    ["before it", `{"jsonrpc":"2.0","id":1,"result":${DEEP}} done\n`, [" done"]],
  ])("%s, rejects its request, and the print is told", async (_, line, texts) => {
    const { peer, first, second, noise } = await ask();
    peer.sendText(line);
    peer.send({ id: 2, result: "fine" });
    expect(await first).toMatchObject({ code: "MESSAGE_MALFORMED", method: "first" });
    expect(await second).toBe("fine");
    expect(noise).toEqual(texts);
  });
});

describe("items of a stream", () => {
  test("that can't be read end nothing, and are reported: the reader has its timeout", async () => {
    const { channel, peer, noise, errors } = openWithPeer();
    const stream = channel.stream("s", {}, { timeout: 200 });
    const item = rejectionOf(stream.next());
    peer.sendText(`{"jsonrpc":"2.0","method":"$/stream/items","params":{"id":1,"items":[${DEEP}]}}\n`);
    await peer.roundTrip();
    expect([...noise, ...errors]).toHaveLength(1);
    expect(await item).toMatchObject({ code: "TIMEOUT" });
  });
});
