import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessagePackCodec, MessagePackError } from "../src/index.js";
import { decode, fromHex, encode } from "./hex.js";

const codec = new MessagePackCodec();
const KNOWN_EXTENSIONS = [-1, ...Array.from({ length: 10 }, (_, index) => 17 + index)];

function refused(bytes: Uint8Array, text = ""): void {
  let error: unknown;
  try {
    decode(bytes, codec);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(MessagePackError);
  expect(error).toMatchObject({ code: "MESSAGE_MALFORMED" });
  expect((error as Error).message).toContain(text);
}

describe("a length that the message does not have is refused", () => {
  it.each([
    ["str 8", "d9ff"],
    ["str 16", "daffff"],
    ["str 32", "dbffffffff"],
    ["bin 8", "c4ff"],
    ["bin 16", "c5ffff"],
    ["bin 32", "c6ffffffff"],
    ["ext 8", "c7ff18"],
    ["ext 16", "c8ffff18"],
    ["ext 32", "c9ffffffff18"],
    ["array 16", "dcffff"],
    ["array 32", "ddffffffff"],
    ["map 16", "deffff"],
    ["map 32", "dfffffffff"],
    ["fixstr", "bf"],
    ["fixarray", "9f"],
    ["fixmap", "8f"],
    ["fixext 16", "d818"],
    ["array 32 with one element too few", "dd00000003 0102"],
    ["map 32 with a key and no value", "df00000001 a161"],
  ])("%s", (_name, hex) => {
    refused(fromHex(hex));
    refused(fromHex("91" + hex));
    refused(fromHex(`81a161${hex}`));
    refused(new Uint8Array([...fromHex(hex), 1, 2, 3]));
  });

  it.each([0xdd, 0xdf])("128 nested lies of type %d allocate no more than the message's own size", (type) => {
    const size = 4 * 1024 * 1024;
    const frame = new Uint8Array(size).fill(0xc0);
    const view = new DataView(frame.buffer);
    let at = 0;
    for (let level = 0; level < 128; level++) {
      view.setUint8(at, type);
      view.setUint32(at + 1, size / 2 - 1000);
      at += 5;
      if (type === 0xdf) frame.set([0xa1, 0x61], at);
      if (type === 0xdf) at += 2;
    }
    const before = process.memoryUsage().rss;
    refused(frame, "longer than the message");
    expect(process.memoryUsage().rss - before).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("nesting", () => {
  const nested = (opening: readonly number[], levels: number, core: readonly number[]): Uint8Array =>
    new Uint8Array([...Array.from({ length: levels }, () => opening).flat(), ...core]);

  it.each([
    ["arrays", [0x91]],
    ["maps", [0x81, 0xa1, 0x61]],
  ])("128 levels of %s are read, 129 are refused", (_name, opening) => {
    expect(() => decode(nested(opening, 128, [0xc0]))).not.toThrow();
    refused(nested(opening, 129, [0xc0]), "nested deeper than 128 levels");
    refused(nested(opening, 200_000, [0xc0]), "nested deeper than 128 levels");
  });

  it("128 levels are sent, 129 are refused", () => {
    const arrays = (levels: number): unknown => (levels === 0 ? 1 : [arrays(levels - 1)]);
    const objects = (levels: number): unknown => (levels === 1 ? {} : { a: objects(levels - 1) });
    for (const make of [arrays, objects]) {
      expect(decode(encode(make(128)))).toEqual(make(128));
      expect(() => codec.encode(make(129))).toThrow("nested deeper than 128 levels");
    }
  });

  it("bytes and typed arrays may stand at the deepest level", () => {
    const deep = new MessagePackCodec({ maxDepth: 1 });
    const value = [Uint8Array.of(1), Float64Array.of(2), new Date(3), 2n ** 60n];
    expect(decode(encode(value, deep), deep)).toEqual(value);
  });
});

describe("extension types", () => {
  it("all but the known eleven are refused, in every form of header", () => {
    for (let code = -128; code < 128; code++) {
      if (KNOWN_EXTENSIONS.includes(code)) continue;
      const type = code & 0xff;
      refused(Uint8Array.of(0xd4, type, 0), `extension type ${code} is not known`);
      refused(Uint8Array.of(0xc7, 2, type, 0, 0), `extension type ${code} is not known`);
      refused(Uint8Array.of(0xc9, 0, 0, 0, 0, type), `extension type ${code} is not known`);
    }
  });

  it("a typed array of a length that its elements do not divide is refused", () => {
    for (const code of [19, 20]) refused(Uint8Array.of(0xd4, code, 0), "2 bytes per element");
    for (const code of [21, 22, 23]) refused(Uint8Array.of(0xd5, code, 0, 0), "4 bytes per element");
    for (const code of [24, 25, 26]) refused(Uint8Array.of(0xd6, code, 0, 0, 0, 0), "8 bytes per element");
  });

  it.each([
    ["a timestamp of five bytes", "c705ff 0000000000"],
    ["a timestamp of no bytes", "c700ff"],
    ["a timestamp with a second's worth of nanoseconds", "d7ff ee6b2800 00000000"],
    ["a timestamp beyond the range of a Date", "c70cff 00000000 7fffffffffffffff"],
  ])("%s is refused", (_name, hex) => {
    refused(fromHex(hex), "timestamp");
  });
});

describe("what is no value", () => {
  it.each([
    ["no byte at all", "", "ends inside a value"],
    ["the byte that begins nothing", "c1", "0xc1"],
    ["a byte after the value", "0102", "Extra 1"],
    ["a key that is a number", "81 01 02", "a map key is not a string"],
    ["a key that is null", "81 c0 02", "a map key is not a string"],
    ["a key that is bytes", "81 c40161 02", "a map key is not a string"],
    ["a key that is an array", "81 90 02", "a map key is not a string"],
    ["a key that is a date", "81 d6ff00000001 02", "a map key is not a string"],
    ["a key named __proto__", "81 a95f5f70726f746f5f5f 80", "__proto__"],
    ["a byte that is not UTF-8", "a1ff", "not UTF-8"],
    ["an overlong form", "a2c080", "not UTF-8"],
    ["a surrogate in UTF-8", "a3eda080", "not UTF-8"],
    ["a cut character", "a2e282", "not UTF-8"],
    ["a key that is not UTF-8", "81 a1ff 01", "not UTF-8"],
    ["a long string that is not UTF-8", "d9ff" + "61".repeat(254) + "ff", "not UTF-8"],
  ])("%s is refused", (_name, hex, text) => {
    refused(fromHex(hex), text);
  });

  it("no key changes a prototype", () => {
    const value = decode(fromHex("81 ab636f6e7374727563746f72 81 a970726f746f74797065 81 a178 01"));
    expect(value).toEqual({ constructor: { prototype: { x: 1 } } });
    expect("x" in {}).toBe(false);
  });

  it("a message cut anywhere is refused", () => {
    const value = { s: "text", b: Uint8Array.of(1, 2), f: Float64Array.of(1), d: new Date(1), n: [1, 2 ** 40, 0.5] };
    const bytes = encode(value);
    for (let end = 0; end < bytes.length; end++) refused(bytes.subarray(0, end));
  });

  it("any bytes are a value or a MessagePackError, and leave the decoder sound", () => {
    const sound = encode({ a: [1] });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          decode(bytes, codec);
        } catch (error) {
          if (!(error instanceof MessagePackError) || error.message.includes("unexpected")) throw error;
        }
        expect(decode(sound, codec)).toEqual({ a: [1] });
      }),
      { numRuns: 2000 },
    );
  });
});
