import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Framing } from "../../src/framing/contract.js";
import { ContentLengthFraming } from "../../src/framing/content-length.js";
import { LengthPrefixedFraming } from "../../src/framing/length-prefixed.js";
import { LineDelimitedFraming } from "../../src/framing/line-delimited.js";
import { cutAt, cutEvery, decodeChunks, encodeAll, latin1, utf8, type Found } from "../support/frames.js";

const MIB = 1024 * 1024;
const LIMIT = 1000;

const framings: readonly Framing[] = [
  new LineDelimitedFraming(),
  new LengthPrefixedFraming(),
  new ContentLengthFraming(),
];

const texts = [
  '{"jsonrpc":"2.0","id":1,"method":"add","params":{"a":1,"b":2}}',
  "{}",
  '{"s":"žluťoučký 漢字 😀   \\n"}',
  "7",
  "x".repeat(60),
  '{"jsonrpc":"2.0","method":"log","params":{"message":"Content-Length: 5"}}',
];

function frame(text: string): Found {
  return { status: "frame", text: latin1(utf8(text)), size: utf8(text).length };
}

describe.each(framings)("$name", (framing) => {
  const corpus = encodeAll(framing, texts);
  const expected = texts.map(frame);
  const expectedKey = JSON.stringify(expected);

  function expectSame(chunks: readonly Uint8Array[]): void {
    const found = decodeChunks(framing.decoder(LIMIT), chunks);
    // The comparison of `expect` costs more than the decoding, so only a difference gets there.
    if (JSON.stringify(found) !== expectedKey) {
      expect(found, `cut into ${chunks.map((chunk) => chunk.length).join()}`).toEqual(expected);
    }
  }

  test("finds all frames of one chunk", () => {
    expectSame([corpus]);
  });

  test("writes a payload in pieces as the whole of it", () => {
    const pieces = texts.map((text) => [text.slice(0, 1), utf8(text.slice(1, 5)), text.slice(5)]);
    expect(Buffer.from(encodeAll(framing, pieces)).equals(corpus)).toBe(true);
  });

  test("finds the same frames however the bytes are cut in two", () => {
    for (let at = 0; at <= corpus.length; at++) expectSame(cutAt(corpus, [at]));
  });

  test("finds the same frames however the bytes are cut in three", () => {
    for (let first = 0; first <= corpus.length; first++)
      for (let second = first; second <= corpus.length; second++) expectSame(cutAt(corpus, [first, second]));
  });

  test("finds the same frames when every byte comes alone", () => {
    expectSame(cutEvery(corpus, 1));
  });

  test("finds the same frames in cuts at random", () => {
    const offsets = fc.array(fc.nat({ max: corpus.length }), { maxLength: 30 });
    fc.assert(
      fc.property(offsets, (cuts) =>
        expectSame(
          cutAt(
            corpus,
            [...cuts].sort((a, b) => a - b),
          ),
        ),
      ),
    );
  });

  test("gives back any text without line feeds, cut anywhere", () => {
    const text = fc
      .string({ unit: "binary", minLength: 1 })
      .filter((value) => !/^[ \t]*$|[\n\r\ud800-\udfff\ufeff]/.test(value));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), fc.integer({ min: 1, max: 64 }), (payloads, size) => {
        const chunks = cutEvery(encodeAll(framing, payloads), size);
        expect(decodeChunks(framing.decoder(MIB), chunks)).toEqual(payloads.map(frame));
      }),
    );
  });

  test("encodes text and its bytes to the same", () => {
    const long = "é".repeat(5000);
    for (const text of [...texts, long]) {
      expect(latin1(encodeAll(framing, [utf8(text)]))).toBe(latin1(encodeAll(framing, [text])));
    }
  });

  test.each([LIMIT - 1, LIMIT])("accepts a frame of %i bytes at a limit of 1000, whole and split", (size) => {
    const text = "a".repeat(size);
    const bytes = encodeAll(framing, [text, "{}"]);
    for (const chunks of [[bytes], ...cutsOf(bytes)]) {
      expect(decodeChunks(framing.decoder(LIMIT), chunks)).toEqual([frame(text), frame("{}")]);
    }
  });

  test.each([LIMIT + 1, LIMIT + 2, 3 * LIMIT, 100 * LIMIT])(
    "skips a frame of %i bytes at a limit of 1000 and finds the next, whole and split",
    (size) => {
      const head = '{"jsonrpc":"2.0","id":7,"result":"';
      const text = head + "a".repeat(size - head.length);
      const bytes = encodeAll(framing, ["1", text, "{}"]);
      for (const chunks of [[bytes], ...cutsOf(bytes)]) {
        const [before, oversized, after, ...more] = decodeChunks(framing.decoder(LIMIT), chunks);
        expect([before, after, more]).toEqual([frame("1"), frame("{}"), []]);
        expect(oversized).toMatchObject({ status: "oversized", size });
        expect(oversized!.text).toMatch(/^\{"jsonrpc":"2.0","id":7,"result":"a+$/);
        expect(oversized!.text.length).toBeLessThanOrEqual(1024);
      }
    },
  );

  test("skips two oversized frames in a row", () => {
    const bytes = encodeAll(framing, ["b".repeat(LIMIT + 5), "c".repeat(LIMIT * 3), "{}"]);
    for (const chunks of [[bytes], ...cutsOf(bytes)]) {
      const found = decodeChunks(framing.decoder(LIMIT), chunks);
      expect(found.map(({ status, size }) => [status, size])).toEqual([
        ["oversized", LIMIT + 5],
        ["oversized", LIMIT * 3],
        ["frame", 2],
      ]);
    }
  });

  test("says at every point whether bytes of an unfinished frame would be lost", () => {
    const ends = new Set<number>([0]);
    for (let count = 1; count <= texts.length; count++) ends.add(encodeAll(framing, texts.slice(0, count)).length);
    for (let end = 0; end <= corpus.length; end++) {
      for (const chunks of [[corpus.subarray(0, end)], cutEvery(corpus.subarray(0, end), 1)]) {
        const decoder = framing.decoder(LIMIT);
        const found = decodeChunks(decoder, chunks);
        expect(decoder.unfinishedBytes() > 0, `after ${end} bytes`).toBe(!ends.has(end));
        expect(expected.slice(0, found.length)).toEqual(found);
      }
    }
  });

  test("counts the lost bytes of an oversized frame that was cut off", () => {
    const bytes = encodeAll(framing, ["d".repeat(3 * LIMIT)]);
    const decoder = framing.decoder(LIMIT);
    decodeChunks(decoder, cutEvery(bytes.subarray(0, 2 * LIMIT), 100));
    expect(decoder.unfinishedBytes()).toBeGreaterThan(LIMIT);
  });

  test("puts a frame of 8 MiB together from chunks of 64 KiB", () => {
    const text = "0123456789abcdef".repeat((8 * MIB) / 16);
    const [found] = decodeChunks(framing.decoder(16 * MIB), cutEvery(encodeAll(framing, [text]), 64 * 1024));
    expect(found!.size).toBe(text.length);
    expect(found!.text === text).toBe(true);
  });

  test("puts a frame of 300 KiB together from single bytes", () => {
    const text = "0123456789abcdef".repeat((300 * 1024) / 16);
    const [found] = decodeChunks(framing.decoder(MIB), cutEvery(encodeAll(framing, [text]), 1));
    expect(found!.text === text).toBe(true);
  });

  test("never writes to bytes that it has shown", () => {
    const decoder = framing.decoder(LIMIT);
    const shown: { readonly bytes: Uint8Array; readonly copy: string }[] = [];
    for (const chunk of cutEvery(corpus, 7)) {
      decoder.push(chunk);
      while (decoder.next() !== "more") shown.push({ bytes: decoder.bytes, copy: latin1(decoder.bytes) });
    }
    expect(shown.length).toBe(texts.length);
    for (const { bytes, copy } of shown) expect(latin1(bytes)).toBe(copy);
  });
});

describe.each([new LengthPrefixedFraming(), new ContentLengthFraming()])("$name", (framing) => {
  test("carries empty frames", () => {
    const bytes = encodeAll(framing, ["", "a", "", ""]);
    for (const chunks of [[bytes], cutEvery(bytes, 1)]) {
      expect(decodeChunks(framing.decoder(LIMIT), chunks)).toEqual(["", "a", "", ""].map(frame));
    }
  });

  test("carries any bytes, cut anywhere", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), fc.integer({ min: 1, max: 40 }), (payloads, size) => {
        const found = decodeChunks(framing.decoder(LIMIT), cutEvery(encodeAll(framing, payloads), size));
        expect(found.map(({ text }) => text)).toEqual(payloads.map((payload) => latin1(payload)));
      }),
    );
  });
});

/** A few ways to cut, for inputs that are too long for all of them. */
function cutsOf(bytes: Uint8Array): Uint8Array[][] {
  const sizes = [1, 2, 3, 7, 100, LIMIT, LIMIT + 1, 4096];
  return sizes.filter((size) => bytes.length / size < 10_000).map((size) => cutEvery(bytes, size));
}
