import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { it } from "vitest";
import { MessagePackCodec } from "../src/index.js";
import { anyValue } from "./any-value.js";
import { decode, encode } from "./hex.js";

it("any value arrives as it was sent, at any place of a chunk", () => {
  const codec = new MessagePackCodec();
  fc.assert(
    fc.property(anyValue, fc.nat({ max: 9 }), (sent, offset) => {
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
