import { describe, expect, test } from "vitest";
import { ChannelError } from "../../src/errors.js";
import { ContentLengthFraming } from "../../src/framing/content-length.js";
import { cutEvery, decodeChunks, encodeAll, latin1 } from "../support/frames.js";

const framing = new ContentLengthFraming();

/** Header text as bytes, one for each character, so that bad bytes can be written. */
function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

function decode(input: string, size: number): unknown {
  try {
    return decodeChunks(framing.decoder(1000), cutEvery(bytes(input), size)).map(({ text }) => text);
  } catch (error) {
    return error;
  }
}

describe("good headers", () => {
  test.each([
    ["as it is written everywhere", "Content-Length: 2\r\n\r\n{}"],
    ["without the space", "Content-Length:2\r\n\r\n{}"],
    ["with more space", "Content-Length: \t 2 \r\n\r\n{}"],
    ["in small letters", "content-length: 2\r\n\r\n{}"],
    ["in capitals", "CONTENT-LENGTH: 2\r\n\r\n{}"],
    ["leading zeros", "Content-Length: 0000000002\r\n\r\n{}"],
    ["a content type before it", "Content-Type: application/vscode-jsonrpc\r\nContent-Length: 2\r\n\r\n{}"],
    ["charset utf-8", "Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n{}"],
    ["charset utf8, as old clients send it", "Content-Length: 2\r\nContent-Type: x; charset=utf8\r\n\r\n{}"],
    ["charset in quotes and capitals", 'Content-Length: 2\r\nContent-Type: x;CHARSET="UTF-8"\r\n\r\n{}'],
    ["another parameter after the charset", "Content-Length: 2\r\nContent-Type: x; charset=utf-8; v=1\r\n\r\n{}"],
    ["a header that nobody knows", "X-Trace: a:b:c\r\nContent-Length: 2\r\n\r\n{}"],
    ["an empty value of another header", "X-Trace:\r\nContent-Length: 2\r\n\r\n{}"],
  ])("%s", (_, input) => {
    expect(decode(input, input.length)).toEqual(["{}"]);
    expect(decode(input, 1)).toEqual(["{}"]);
    expect(decode(input + input, 5)).toEqual(["{}", "{}"]);
  });
});

describe("bad headers end the stream", () => {
  test.each([
    ["no length", "Content-Type: x\r\n\r\n{}"],
    ["nothing but the blank line", "\r\n{}"],
    ["the length twice", "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"],
    ["the length twice, differently", "Content-Length: 2\r\ncontent-length: 3\r\n\r\n{}"],
    ["an empty length", "Content-Length: \r\n\r\n{}"],
    ["a negative length", "Content-Length: -1\r\n\r\n{}"],
    ["a signed length", "Content-Length: +2\r\n\r\n{}"],
    ["a fraction", "Content-Length: 2.0\r\n\r\n{}"],
    ["an exponent", "Content-Length: 2e0\r\n\r\n{}"],
    ["hexadecimal digits", "Content-Length: 0x2\r\n\r\n{}"],
    ["digits, then letters", "Content-Length: 2abc\r\n\r\n{}"],
    ["two numbers", "Content-Length: 2 2\r\n\r\n{}"],
    ["a list", "Content-Length: 2, 2\r\n\r\n{}"],
    ["too many digits", "Content-Length: 20000000000000000000\r\n\r\n{}"],
    ["a no-break space before the digits", "Content-Length:\xa02\r\n\r\n{}"],
    ["a vertical tab before the digits", "Content-Length:\v2\r\n\r\n{}"],
    ["a space before the colon", "Content-Length : 2\r\n\r\n{}"],
    ["a space before the name", " Content-Length: 2\r\n\r\n{}"],
    ["no colon", "Content-Length 2\r\n\r\n{}"],
    ["no name", ": 2\r\n\r\n{}"],
    ["a line feed without carriage return", "Content-Length: 2\n\n{}"],
    ["a line feed only after the length", "Content-Length: 2\n\r\n{}"],
    ["a blank line of a line feed only", "Content-Length: 2\r\n\n{}"],
    ["a NUL in a name", "X\0: 2\r\nContent-Length: 2\r\n\r\n{}"],
    ["a byte beyond ASCII in a name", "X\xe9: 2\r\nContent-Length: 2\r\n\r\n{}"],
    ["a NUL in a value", "X: \0\r\nContent-Length: 2\r\n\r\n{}"],
    ["a byte beyond ASCII in a value", "X: \xe9\r\nContent-Length: 2\r\n\r\n{}"],
    ["a carriage return inside a line", "X: a\rb\r\nContent-Length: 2\r\n\r\n{}"],
    ["another charset", "Content-Length: 2\r\nContent-Type: x; charset=utf-16\r\n\r\n{}"],
    ["a charset that only begins like it", "Content-Length: 2\r\nContent-Type: x; charset=utf-8x\r\n\r\n{}"],
    ["a message without header", '{"jsonrpc":"2.0","id":1,"result":1}\r\n\r\n'],
    ["a stray print before the header", "Hello\r\nContent-Length: 2\r\n\r\n{}"],
  ])("%s", (_, input) => {
    for (const size of [input.length, 1, 3]) {
      const outcome = decode(input, size);
      expect(outcome).toBeInstanceOf(ChannelError);
      expect(outcome).toMatchObject({ code: "FRAME_MALFORMED" });
    }
  });
});

describe("the header block", () => {
  const rest = "Content-Length: 2\r\n\r\n{}";
  const filler = (size: number): string => `X: ${"a".repeat(size - 5)}\r\n`;

  test("may have 8 KiB", () => {
    const input = filler(8192 - (rest.length - 2)) + rest;
    expect(decode(input, input.length)).toEqual(["{}"]);
    expect(decode(input, 1)).toEqual(["{}"]);
  });

  test("may not have a byte more", () => {
    const input = filler(8192 - (rest.length - 2) + 1) + rest;
    expect(decode(input, input.length)).toMatchObject({ code: "FRAME_MALFORMED" });
    expect(decode(input, 1)).toMatchObject({ code: "FRAME_MALFORMED" });
  });

  test("without an end is refused before it grows", () => {
    expect(decode("a".repeat(9000), 100)).toMatchObject({ code: "FRAME_MALFORMED" });
  });
});

test("a huge announced length takes no memory before its bytes come", () => {
  const decoder = framing.decoder(1000);
  const before = process.memoryUsage().arrayBuffers;
  expect(decodeChunks(decoder, [bytes("Content-Length: 4294967295\r\n\r\nabc")])).toEqual([]);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1024 * 1024);
});

test("the length counts bytes, not characters", () => {
  expect(latin1(encodeAll(framing, ["é😀"]))).toBe(`Content-Length: 6\r\n\r\n${latin1(Buffer.from("é😀"))}`);
  expect(latin1(encodeAll(framing, ["é".repeat(2000)]))).toMatch(/^Content-Length: 4000\r\n\r\n/);
});
