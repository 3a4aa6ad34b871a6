import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonCodec } from "../../src/codec/json.js";
import { LONG } from "../../src/codec/json-plain.js";
import { toBytes } from "../../src/framing/payload.js";
import { utf8 } from "../support/frames.js";

const long = "0123456789abcdef".repeat(LONG / 16 + 1);

function encoded(value: unknown): { readonly text: string; readonly isInPieces: boolean } {
  const payload = new JsonCodec().encode(value);
  return { text: Buffer.from(toBytes(payload)).toString(), isInPieces: Array.isArray(payload) };
}

function decoded(bytes: Uint8Array): unknown {
  return new JsonCodec().decode(bytes, 0, bytes.length);
}

/** What may stand somewhere in a long string. */
const ODD = ['"', "\\", "\n", "\0", "\u001f", "\u007f", "é", "€", "😀", "\ud800", "\u2028"];

describe("a long string", () => {
  test.each<[string, unknown]>([
    ["alone", long],
    ["as a member", { message: long }],
    ["between others", { a: 1, b: [true, null, "short", long, long, {}], c: [], d: -0.5 }],
    ["beside undefined members", { a: undefined, b: long, c: undefined }],
    ["under a key that needs escapes", { 'a"\n': long }],
  ])("%s is sent as JSON.stringify writes it, in pieces", (_, value) => {
    expect(encoded(value)).toEqual({ text: JSON.stringify(value), isInPieces: true });
  });

  test.each<[string, unknown]>([
    ["an undefined element", [long, undefined]],
    ["a function", { a: long, b: () => 1 }],
    ["something with toJSON", { a: long, b: { toJSON: () => "J" } }],
    ["a Date", { a: long, b: new Date(0) }],
    ["many other parts", { a: long, b: Array.from({ length: 1000 }, (__, index) => index) }],
    [
      "an instance of a class",
      {
        a: long,
        b: new (class Point {
          x = 1;
        })(),
      },
    ],
  ])("beside %s is sent as JSON.stringify writes it", (_, value) => {
    expect(encoded(value)).toEqual({ text: JSON.stringify(value), isInPieces: false });
  });

  test.each<[string, unknown]>([
    ["NaN", NaN],
    ["a Map", new Map([[1, 2]])],
    ["bytes", new Uint8Array(3)],
    ["a bigint", 1n],
  ])("does not hide %s beside it", (_, value) => {
    expect(() => new JsonCodec().encode({ a: long, b: value })).toThrow(TypeError);
  });

  test("in a circle is refused", () => {
    const circle: Record<string, unknown> = { a: long };
    circle["self"] = circle;
    expect(() => new JsonCodec().encode(circle)).toThrow(TypeError);
  });

  test.each(ODD)("with %j anywhere is written and read as JSON does it", (odd) => {
    for (const at of [0, 1, 2, 3, 4, 5, LONG / 2, long.length - 1, long.length]) {
      const text = long.slice(0, at) + odd + long.slice(at);
      const json = JSON.stringify(text);
      expect(encoded(text).text === json).toBe(true);
      expect(decoded(utf8(json)) === text).toBe(true);
    }
  });

  test("is read wherever it lies in memory", () => {
    for (let offset = 0; offset < 9; offset++) {
      const bytes = utf8(`${" ".repeat(offset)}"${long}"`);
      expect(new JsonCodec().decode(bytes, offset, bytes.length) === long).toBe(true);
    }
  });

  test.each([
    ["a control character", "\n"],
    ["a quote", '"'],
    ["an escape that is none", "\\x"],
    ["an escape of the end", "\\"],
  ])("with %s that is not escaped is refused, as by a parser", (_, odd) => {
    for (const at of [0, 1, 2, 3, 4, 5, LONG, long.length]) {
      const json = utf8(`"${long.slice(0, at)}${odd}${long.slice(at)}"`);
      if (odd === "\\" && at < long.length) continue;
      expect(() => decoded(json)).toThrow(SyntaxError);
    }
  });

  test("that is not UTF-8 is refused", () => {
    const bytes = utf8(`"${long}"`);
    bytes[100] = 0xff;
    expect(() => decoded(bytes)).toThrow(TypeError);
  });

  test("of a value in any shape arrives equal", () => {
    const leaf = fc.oneof(fc.constant(long), fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, leaf, tie("object"), tie("array")),
      object: fc.dictionary(fc.string(), tie("value"), { maxKeys: 5, noNullPrototype: true }),
      array: fc.array(tie("value"), { maxLength: 5 }),
    }));
    const codec = new JsonCodec();
    const property = fc.property(value, (sent) => {
      codec.encode([long]);
      const payload = codec.encode(sent);
      expect(Buffer.from(toBytes(payload)).toString() === JSON.stringify(sent)).toBe(true);
      expect(decoded(toBytes(payload))).toStrictEqual(sent);
    });
    fc.assert(property, { numRuns: 300 });
  });
});
