import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Decoder, Encoder } from "@msgpack/msgpack";
import { expect, it, vi } from "vitest";
import { StrictDecoder } from "../src/strict-decoder.js";
import { StrictEncoder } from "../src/strict-encoder.js";

// The codec overrides private methods of the library. A new version needs a look at its sources, then at these tests.

it("the library is the version that the overrides were written for", () => {
  const require = createRequire(import.meta.url);
  const main = require.resolve("@msgpack/msgpack");
  const manifest = JSON.parse(readFileSync(new URL("../package.json", `file://${main}`), "utf8")) as {
    version: string;
  };
  expect(manifest.version).toBe("3.1.3");
});

it("every method that the strict classes override is one that the library has", () => {
  for (const [strict, library] of [
    [StrictEncoder, Encoder],
    [StrictDecoder, Decoder],
  ] as const) {
    for (const name of Object.getOwnPropertyNames(strict.prototype)) {
      expect(typeof Reflect.get(library.prototype, name), `${library.name}.${name}`).toBe("function");
    }
  }
});

it("the library calls each of them", () => {
  const encoder = new StrictEncoder(8);
  const encoded = ["encodeNumber", "encodeString", "encodeObject", "encodeMap", "clone"] as const;
  const encoderSpies = encoded.map((name) => vi.spyOn(encoder, name));
  const value = {
    text: "a",
    get nested(): number {
      return encoder.encodeSharedRef(1).length;
    },
    list: [2 ** 40, -(2 ** 40)],
  };
  const bytes = encoder.encodeSharedRef(value);
  expect(encoderSpies.filter((spy) => spy.mock.calls.length === 0)).toEqual([]);

  const decoder = new StrictDecoder(8);
  const decoded = ["decodeString", "pushArrayState", "pushMapState", "readU64", "readI64"] as const;
  const decoderSpies = decoded.map((name) => vi.spyOn(decoder, name));
  expect(decoder.decode(bytes)).toEqual({ text: "a", nested: 1, list: [2 ** 40, -(2 ** 40)] });
  expect(decoderSpies.filter((spy) => spy.mock.calls.length === 0)).toEqual([]);
});

it("the fields that they use are there", () => {
  for (const object of [new Encoder(), new Decoder()]) {
    expect(Reflect.get(object, "pos")).toBe(0);
    expect(Reflect.get(object, "bytes")).toBeInstanceOf(Uint8Array);
    expect(Reflect.get(object, "view")).toBeInstanceOf(DataView);
  }
  expect(new Decoder()).toHaveProperty("stack.length", 0);
});

it("a library without one of the methods is refused when the codec is loaded", async () => {
  vi.resetModules();
  vi.doMock("@msgpack/msgpack", async (original) => {
    return { ...(await original<object>()), Encoder: function Other() {} };
  });
  await expect(import("../src/index.js")).rejects.toThrow("needs @msgpack/msgpack 3.1.3: Other.encodeSharedRef");
  vi.doUnmock("@msgpack/msgpack");
  vi.resetModules();
});

it("a big-endian machine refuses typed arrays instead of turning their numbers round", async () => {
  vi.resetModules();
  vi.doMock("../src/byte-order.js", () => ({ isLittleEndian: false }));
  const { MessagePackCodec } = await import("../src/index.js");
  const codec = new MessagePackCodec();
  expect(() => codec.encode([Float64Array.of(1)])).toThrow(
    "[0]: a Float64Array can't be sent from a big-endian machine",
  );
  expect(() => codec.decode(Uint8Array.of(0xd5, 20, 1, 0), 0, 4)).toThrow("big-endian");
  expect(codec.encode([Uint8Array.of(1)])).toEqual(Uint8Array.of(0x91, 0xc4, 1, 1));
  vi.doUnmock("../src/byte-order.js");
  vi.resetModules();
});
