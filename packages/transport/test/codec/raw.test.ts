import { expect, test } from "vitest";
import { RawCodec } from "../../src/codec/raw.js";

const codec = new RawCodec();

test("bytes pass as they are", () => {
  const bytes = Uint8Array.of(0, 10, 255);
  expect(codec.encode(bytes)).toBe(bytes);
  expect(codec.decode(bytes, 1, 3)).toEqual(Uint8Array.of(10, 255));
});

test("text is sent as UTF-8", () => expect(codec.encode("é")).toEqual(Uint8Array.of(0xc3, 0xa9)));

test.each([1, null, undefined, {}, [1]])("%o is refused", (value) =>
  expect(() => codec.encode(value)).toThrow(TypeError),
);
