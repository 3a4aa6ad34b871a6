import { describe, expect, test } from "vitest";
import { LineDelimitedFraming } from "../../src/framing/line-delimited.js";
import { cutEvery, decodeChunks, encodeAll, latin1, utf8 } from "../support/frames.js";

const BOM = "\ufeff";
const framing = new LineDelimitedFraming();

/** The lines that are found, by every size of chunk: they must all agree. */
function linesOf(text: string, limit = 1000): string[] {
  const bytes = utf8(text);
  const results = [bytes.length, 1, 2, 3].map((size) =>
    decodeChunks(framing.decoder(limit), cutEvery(bytes, Math.max(size, 1))).map((found) =>
      found.status === "frame" ? Buffer.from(found.text, "latin1").toString() : `oversized ${found.size}`,
    ),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0]!;
}

describe("what ends a line", () => {
  test("a line feed", () => expect(linesOf("a\nb\n")).toEqual(["a", "b"]));
  test("a carriage return and a line feed", () => expect(linesOf("a\r\nb\r\n")).toEqual(["a", "b"]));
  test("both in one stream", () => expect(linesOf("a\nb\r\nc\n")).toEqual(["a", "b", "c"]));
  test("only one carriage return belongs to the end", () => expect(linesOf("a\r\r\n")).toEqual(["a\r"]));
  test("a lone carriage return does not", () => expect(linesOf("a\rb\n")).toEqual(["a\rb"]));
  test("the separators U+2028, U+2029 and U+0085 do not", () =>
    expect(linesOf('"\u2028\u2029\u0085"\n')).toEqual(['"\u2028\u2029\u0085"']));
  test("the end of the input does not", () => expect(linesOf("a\nb")).toEqual(["a"]));
});

describe("blank lines", () => {
  test.each(["\n", "\r\n", "  \n", "\t \r\n", "\n\n\n"])("%j is skipped", (blank) => {
    expect(linesOf(`${blank}a\n${blank}b\n${blank}`)).toEqual(["a", "b"]);
  });

  test("spaces around a message are kept", () => expect(linesOf(" {} \n")).toEqual([" {} "]));
});

describe("byte-order mark", () => {
  test("one at the very beginning is skipped", () => expect(linesOf(`${BOM}{}\n{}\n`)).toEqual(["{}", "{}"]));
  test("alone on the first line it is a blank line", () => expect(linesOf(`${BOM}\n{}\n`)).toEqual(["{}"]));
  test("the second of two is data", () => expect(linesOf(`${BOM}${BOM}{}\n`)).toEqual([`${BOM}{}`]));
  test("on a later line it is data", () => expect(linesOf(`{}\n${BOM}{}\n`)).toEqual(["{}", `${BOM}{}`]));
  test("after a blank line it is data", () => expect(linesOf(`\n${BOM}{}\n`)).toEqual([`${BOM}{}`]));
  test("after an oversized first line it is data", () =>
    expect(linesOf(`${"a".repeat(30)}\n${BOM}{}\n`, 10)).toEqual(["oversized 30", `${BOM}{}`]));
  test("does not count for the limit", () =>
    expect(linesOf(`${BOM}${"a".repeat(10)}\n`, 10)).toEqual(["a".repeat(10)]));
});

describe("the limit and the end of the line", () => {
  test("the carriage return does not count", () =>
    expect(linesOf(`${"a".repeat(10)}\r\nb\n`, 10)).toEqual(["a".repeat(10), "b"]));
  test("one byte above, before a carriage return", () =>
    expect(linesOf(`${"a".repeat(11)}\r\nb\n`, 10)).toEqual(["oversized 11", "b"]));
  test("a lone carriage return as the byte above", () =>
    expect(linesOf(`${"a".repeat(10)}\rb\nc\n`, 10)).toEqual(["oversized 12", "c"]));
});

test("bytes are sent as they are, with a line feed behind", () => {
  expect(latin1(encodeAll(framing, [Uint8Array.of(1, 255), "é"]))).toBe("\x01\xff\n\xc3\xa9\n");
});

test("an endless line takes no more memory than the limit and its head", () => {
  const decoder = framing.decoder(1024);
  const chunk = new Uint8Array(64 * 1024).fill(0x61);
  const before = process.memoryUsage().arrayBuffers;
  for (let at = 0; at < 4096; at++) {
    decoder.push(chunk);
    expect(decoder.next()).toBe("more");
  }
  expect(decoder.unfinishedBytes()).toBe(4096 * chunk.length);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 1024 * 1024);
});

describe("a line of many mebibytes", () => {
  const MIB = 1024 * 1024;
  /** Bytes of which no two stretches are the same, without a line feed. */
  function unlike(length: number): Uint8Array {
    return Uint8Array.from({ length }, (_, at) => 0x20 + (((at * 2654435761) >>> 24) % 0x5f));
  }

  test.each([
    ["in chunks of a pipe", 64 * 1024],
    ["in odd chunks", 99_991],
    ["in chunks larger than what is kept apart", 9 * MIB],
  ])("%s arrives as it was sent, and so does the next one", (_, size) => {
    const line = unlike(37 * MIB);
    const decoder = framing.decoder(64 * MIB);
    const found: Uint8Array[] = [];
    for (const chunk of cutEvery(Buffer.concat([line, utf8("\nnext\n")]), size)) {
      decoder.push(chunk);
      while (decoder.next() === "frame") found.push(decoder.bytes.slice(decoder.start, decoder.end));
    }
    expect(found.map(({ length }) => length)).toEqual([line.length, 4]);
    expect(Buffer.compare(found[0] ?? utf8(""), line)).toBe(0);
  });

  test("above the limit is told by its head, and skipped", () => {
    const decoder = framing.decoder(10 * MIB);
    for (const chunk of cutEvery(unlike(12 * MIB), 64 * 1024)) {
      decoder.push(chunk);
      expect(decoder.next()).toBe("more");
    }
    decoder.push(utf8("\nnext\n"));
    expect(decoder.next()).toBe("oversized");
    expect(decoder.skippedBytes).toBe(12 * MIB);
    expect(Buffer.compare(decoder.bytes.subarray(0, decoder.end), unlike(1024))).toBe(0);
    expect(decoder.next()).toBe("frame");
  });
});
