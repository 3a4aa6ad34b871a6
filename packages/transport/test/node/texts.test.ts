// Texts on their way between strings and bytes, by whichever way is the fastest for them.

import { describe, expect, test } from "vitest";
import { decodeText } from "../../src/node/decode-text.js";
import { forStream } from "../../src/node/streams/encode-text.js";

const LENGTHS = [0, 1, 31, 1023, 1024, 2047, 2048, 2049, 5_000, 70_000];

const ALPHABETS: Readonly<Record<string, string>> = {
  ASCII: 'plain text, "quotes"\n',
  "Latin-1": "le café était fermé ",
  "three bytes each": "東京と大阪",
  pairs: "🙂🙃",
  "a little of each": `${"mostly plain text ".repeat(40)}é東🙂`,
};

function textOf(alphabet: string, length: number): string {
  return alphabet.repeat(Math.ceil(length / alphabet.length)).slice(0, length);
}

describe.each(Object.entries(ALPHABETS))("a text of %s", (_, alphabet) => {
  test.each(LENGTHS)("and %d units is the same on the other side", (length) => {
    const text = textOf(alphabet, length).replace(/[\ud800-\udbff]$/, "");
    const bytes = Buffer.from(text);
    expect(Buffer.from(forStream(text)).equals(bytes)).toBe(true);
    expect(decodeText(bytes)).toBe(text);
    const within = new Uint8Array([0xff, ...bytes, 0xff]).subarray(1, -1);
    expect(decodeText(within)).toBe(text);
  });
});

test("half of a pair, in a long text, becomes the replacement character", () => {
  const text = `${"é".repeat(3_000)}\ud83d${"東".repeat(3_000)}`;
  expect(Buffer.from(forStream(text)).toString()).toBe(text.replace("\ud83d", "\ufffd"));
});

test.each([
  ["a byte that begins nothing", [0xff]],
  ["a character cut off", [0xe6, 0x9d]],
  ["half of a pair", [0xed, 0xa0, 0xbd]],
  ["more bytes than needed", [0xc0, 0xaf]],
])("%s is refused, in a short text and in a long one", (_, wrong) => {
  for (const length of [10, 3_000]) {
    const bytes = Buffer.concat([Buffer.from("é".repeat(length)), Buffer.from(wrong), Buffer.from("end")]);
    expect(() => decodeText(bytes)).toThrow(TypeError);
  }
});
