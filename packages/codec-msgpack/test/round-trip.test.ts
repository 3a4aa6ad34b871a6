import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { it } from "vitest";
import { MessagePackCodec } from "../src/index.js";
import { decode, encode } from "./hex.js";

const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }),
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const key = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text !== "__proto__");
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, depthSize: "small", withCrossShrink: true },
    leaf,
    fc.array(tie("value"), { maxLength: 20 }),
    fc.dictionary(key, tie("value"), { maxKeys: 20, noNullPrototype: true }),
  ),
}));

it("any value arrives as it was sent, at any place of a chunk", () => {
  const codec = new MessagePackCodec();
  fc.assert(
    fc.property(value, fc.nat({ max: 9 }), (sent, offset) => {
      const bytes = encode(sent, codec);
      const chunk = Buffer.alloc(offset + bytes.length + 3, 0xc1);
      chunk.set(bytes, offset);
      deepStrictEqual(codec.decode(chunk, offset, offset + bytes.length), sent);
      deepStrictEqual(encode(decode(bytes), codec), bytes);
    }),
    { numRuns: 1000 },
  );
});

it("a JSON value arrives as JSON would carry it, but for -0", () => {
  const codec = new MessagePackCodec();
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, stringUnit: "binary" } as object), (sent) => {
      const text = JSON.stringify(sent);
      fc.pre(!text.includes("__proto__"));
      deepStrictEqual(JSON.stringify(decode(encode(sent, codec))), text);
    }),
  );
});
