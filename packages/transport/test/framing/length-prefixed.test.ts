import { expect, test } from "vitest";
import { LengthPrefixedFraming } from "../../src/framing/length-prefixed.js";
import { cutEvery, decodeChunks, encodeAll, latin1 } from "../support/frames.js";

const framing = new LengthPrefixedFraming();

test("the length is four bytes, the highest first", () => {
  expect(latin1(encodeAll(framing, ["a".repeat(0x0102)])).slice(0, 5)).toBe("\x00\x00\x01\x02a");
});

test("a length above 2^31 is not negative", () => {
  const decoder = framing.decoder(1000);
  const before = process.memoryUsage().arrayBuffers;
  expect(decodeChunks(decoder, [Uint8Array.of(255, 255, 255, 255, 1, 2, 3)])).toEqual([]);
  expect(decoder.unfinishedBytes()).toBeGreaterThanOrEqual(3);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
});

test.each([1, 2, 3])("a prefix in chunks of %i bytes is put together", (size) => {
  const text = "b".repeat(0x1234);
  const [found] = decodeChunks(framing.decoder(0x1234), cutEvery(encodeAll(framing, [text]), size));
  expect(found).toEqual({ status: "frame", text, size: 0x1234 });
});
