import { expect, test } from "vitest";
import { LengthPrefixedFraming } from "../../src/framing/length-prefixed.js";
import { cutEvery, decodeChunks, encodeAll, latin1 } from "../support/frames.js";

const framing = new LengthPrefixedFraming();

test("the length is four bytes, the highest first", () => {
  expect(latin1(encodeAll(framing, ["a".repeat(0x0102)])).slice(0, 5)).toBe("\x00\x00\x01\x02a");
});

test.each([
  [2 ** 31, [0x80, 0, 0, 0]],
  [2 ** 32 - 1, [255, 255, 255, 255]],
])("a length of %i is not negative: what follows is skipped, and not kept", (_, prefix) => {
  const decoder = framing.decoder(1000);
  const before = process.memoryUsage().arrayBuffers;
  const chunks = [Uint8Array.from([...prefix, 0, 0, 0, 1, 7]), Uint8Array.of(0, 0, 0, 1, 7)];
  expect(decodeChunks(decoder, chunks)).toEqual([]);
  expect(decoder.unfinishedBytes()).toBe(14);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
});

test.each([1, 2, 3])("a prefix in chunks of %i bytes is put together", (size) => {
  const text = "b".repeat(0x1234);
  const [found] = decodeChunks(framing.decoder(0x1234), cutEvery(encodeAll(framing, [text]), size));
  expect(found).toEqual({ status: "frame", text, size: 0x1234 });
});
