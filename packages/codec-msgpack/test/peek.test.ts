import { expect, test } from "vitest";
import { encode } from "@msgpack/msgpack";
import { createChannel, createMemoryLinks, LengthPrefixedFraming, type ChannelError } from "@procwire/transport";
import { MessagePackCodec } from "../src/index.js";
import { peekMembers } from "../src/peek.js";

test("members are read up to the first that is no scalar", () => {
  const head = encode({ jsonrpc: "2.0", id: 7, method: "add", params: { a: 1 }, more: 1 });
  const expected = { jsonrpc: "2.0", id: 7, method: "add", params: undefined };
  expect(Object.fromEntries(peekMembers(head))).toEqual(expected);
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
  "x",
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
  const [near, far] = createMemoryLinks();
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

test("an answer above the limit rejects its request, and the channel lives", async () => {
  const [near, far] = createMemoryLinks();
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
