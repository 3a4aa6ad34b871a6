import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteLength, fits, piecesOf, toBytes, unitLength } from "../../src/framing/payload.js";

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  // Arbitrary UTF-16 units: surrogates alone, in pairs, in the wrong order, at the ends.
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom("\ud83d", "\ude00", "a", "é", "漢"), { maxLength: 12 }).map((parts) => parts.join("")),
  // Beyond what is counted by a loop.
  fc
    .tuple(fc.constantFrom("a", "é", "漢", "😀", "\ud800"), fc.integer({ min: 1000, max: 1050 }))
    .map(([unit, count]) => unit.repeat(count)),
);

describe("the length of a payload", () => {
  test("is that of Node's Buffer, for every text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(byteLength(text)).toBe(Buffer.byteLength(text));
      }),
      { numRuns: 2000 },
    );
  });

  test("is that of the bytes which are sent", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toBytes(text).length).toBe(byteLength(text));
      }),
    );
  });

  test("of bytes is their number", () => {
    expect(byteLength(new Uint8Array(5))).toBe(5);
  });
});

describe("a payload in pieces", () => {
  const pieces = ["é", Uint8Array.of(1, 2, 3), "", "漢字"];

  test("is as long as its pieces, and is their bytes one after the other", () => {
    expect(byteLength(pieces)).toBe(2 + 3 + 6);
    expect(Buffer.from(toBytes(pieces))).toEqual(
      Buffer.concat([Buffer.from("é"), Buffer.from([1, 2, 3]), Buffer.from("漢字")]),
    );
    expect(unitLength(pieces)).toBe(1 + 3 + 2);
  });

  test("fits when all of them do together", () => {
    expect([fits(pieces, 11), fits(pieces, 10)]).toEqual([true, false]);
  });

  test("may be one, or none", () => {
    expect(piecesOf("text")).toEqual(["text"]);
    expect(toBytes([])).toHaveLength(0);
    expect(byteLength([])).toBe(0);
  });
});

describe("whether a payload fits", () => {
  test("is decided exactly at the edge, for every text", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: -2, max: 2 }), (text, offset) => {
        const max = Buffer.byteLength(text) + offset;
        expect(fits(text, max)).toBe(offset >= 0);
      }),
      { numRuns: 2000 },
    );
  });

  test("is decided exactly at the edge, for bytes", () => {
    expect([9, 10, 11].map((size) => fits(new Uint8Array(size), 10))).toEqual([true, true, false]);
  });
});
