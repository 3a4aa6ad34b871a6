import { expect, test } from "vitest";
import { encode } from "@msgpack/msgpack";
import { createChannel, createMemoryByteLinks, LengthPrefixedFraming, type ChannelError } from "@procwire/transport";
import { MessagePackCodec } from "../src/index.js";
import { peekMembers } from "../src/peek.js";

test("members behind one that is no scalar are read, and that one is listed", () => {
  const values = [
    { a: [1, { b: "x".repeat(300) }] },
    new Uint8Array(300),
    new Date(1),
    true,
    [],
    [[[]]],
    -1e9,
    2 ** 40,
  ];
  const head = encode({ jsonrpc: "2.0", method: "add", params: values, flag: false, bytes: Uint8Array.of(1), id: 7 });
  const expected = { jsonrpc: "2.0", method: "add", params: undefined, flag: undefined, bytes: undefined, id: 7 };
  expect(Object.fromEntries(peekMembers(head))).toStrictEqual(expected);
});

test("a map that says it has billions of members, and nesting without end, are given up where the bytes end", () => {
  expect(peekMembers(Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61, 0x01))).toEqual(new Map([["a", 1]]));
  const nested = new Uint8Array(1_000_000).fill(0x91);
  nested.set([0x81, 0xa1, 0x61]);
  expect(peekMembers(nested)).toEqual(new Map([["a", undefined]]));
  const wide = Uint8Array.of(0x81, 0xa1, 0x61, ...Array<number>(50).fill(0xdf), 0xff, 0xff, 0xff, 0xff);
  expect(peekMembers(wide)).toEqual(new Map([["a", undefined]]));
});

test.each([
  0,
  1,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 32,
  2 ** 53 - 1,
  -1,
  -32,
  -33,
  -129,
  -40_000,
  -(2 ** 40),
  1.5,
  NaN,
  5e-324,
  "x",
  "x".repeat(300),
  "x".repeat(70_000),
  "\ufeffx",
  "",
  null,
])("the id %j is read in whatever form it was written", (id) => {
  expect(peekMembers(encode({ id }, { useBigInt64: false })).get("id")).toBe(id);
});

test("a frame that is cut anywhere gives what came before the cut, and no exception", () => {
  const whole = encode({ jsonrpc: "2.0", id: 1234567, result: "a text that is cut" });
  for (let length = 0; length <= whole.length; length++) {
    const members = peekMembers(whole.subarray(0, length));
    if (members.get("id") !== undefined) expect(members.get("id")).toBe(1234567);
  }
  expect(peekMembers(whole.subarray(0, whole.length - 3)).has("result")).toBe(true);
});

test.each([[[1, 2]], [7], ["text"], [null]])("%j is no map and has no members", (value) => {
  expect(peekMembers(encode(value)).size).toBe(0);
});

/** A frame with a length prefix. */
function frame(payload: Uint8Array): Uint8Array {
  const framed = new Uint8Array(4 + payload.length);
  new DataView(framed.buffer).setUint32(0, payload.length);
  framed.set(payload, 4);
  return framed;
}

test("an answer that can't be decoded rejects its request, and the channel lives", async () => {
  const [near, far] = createMemoryByteLinks();
  far.start({ data: () => undefined, end: () => undefined });
  const channel = createChannel({ link: near, framing: new LengthPrefixedFraming(), codec: new MessagePackCodec() });
  const broken = channel.request("m").catch((error: unknown) => error as ChannelError);
  const good = channel.request<number>("m");
  const unknownExtension = Uint8Array.of(0xd4, 0x63, 0x00);
  const head = encode({ jsonrpc: "2.0", id: 1, result: 0 });
  far.bytes(frame(new Uint8Array([...head.subarray(0, -1), ...unknownExtension])));
  expect(await broken).toMatchObject({ code: "MESSAGE_MALFORMED", method: "m" });
  far.bytes(frame(encode({ jsonrpc: "2.0", id: 2, result: 5 })));
  expect(await good).toBe(5);
});

test("an answer above the limit whose beginning shows no id ends the channel: any request could be the one", async () => {
  const [near, far] = createMemoryByteLinks();
  far.start({ data: () => undefined, end: () => undefined });
  const limits = { maxMessageBytes: 128 };
  const options = { framing: new LengthPrefixedFraming(), codec: new MessagePackCodec(), limits };
  const channel = createChannel({ link: near, ...options });
  const lost = channel.request("m").catch((error: unknown) => error as ChannelError);
  far.bytes(frame(encode({ jsonrpc: "2.0", result: "x".repeat(2_000), id: 1 })));
  expect(await lost).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "m" });
  expect(await channel.closed).toMatchObject({ code: "MESSAGE_TOO_LARGE" });
});

test("a message above the limit that shows its id, and not what it is, ends the channel of the side that calls", async () => {
  const [near, far] = createMemoryByteLinks();
  far.start({ data: () => undefined, end: () => undefined });
  const limits = { maxMessageBytes: 128 };
  const options = { framing: new LengthPrefixedFraming(), codec: new MessagePackCodec(), limits };
  const channel = createChannel({ link: near, ...options });
  const lost = channel.request("m").catch((error: unknown) => error as ChannelError);
  far.bytes(frame(encode({ jsonrpc: "2.0", id: 1, more: "x".repeat(2_000), result: 1 })));
  expect(await lost).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "m" });
});

test("an answer above the limit rejects its request, and the channel lives", async () => {
  const [near, far] = createMemoryByteLinks();
  far.start({ data: () => undefined, end: () => undefined });
  const limits = { maxMessageBytes: 128 };
  const channel = createChannel({
    link: near,
    framing: new LengthPrefixedFraming(),
    codec: new MessagePackCodec(),
    limits,
  });
  const large = channel.request("m").catch((error: unknown) => error as ChannelError);
  const good = channel.request<number>("m");
  far.bytes(frame(encode({ jsonrpc: "2.0", id: 1, result: "x".repeat(200) })));
  expect(await large).toMatchObject({ code: "MESSAGE_TOO_LARGE", method: "m" });
  far.bytes(frame(encode({ jsonrpc: "2.0", id: 2, result: 5 })));
  expect(await good).toBe(5);
});
