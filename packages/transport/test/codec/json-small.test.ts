// Small values have a writer of their own. It says what `JSON.stringify` says, or leaves the value to others.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringifySmall } from "../../src/codec/fast/json-small.js";
import { JsonCodec } from "../../src/codec/json.js";

class Point {
  constructor(readonly x: number) {}
}

describe("a small value", () => {
  test.each<[string, unknown]>([
    ["the params of a call", { a: 1, b: -2.5 }],
    ["a document with null in it", { user: { id: 7, name: null }, ok: true, tags: ["a", "b"], none: [], no: {} }],
    ["one with members to leave out", { a: undefined, b: [undefined, 1], c: undefined }],
    ["-0 and large numbers", [-0, 1e21, 5e-324, 2 ** 53, 0.1]],
    ["names that are numbers, which come first", { b: 1, 2: 2, 1: 1 }],
    ["names that need escapes", { 'a"\n': 1, "": 2, é: 3 }],
    ["a member named __proto__", JSON.parse('{"__proto__":{"a":1}}')],
    ["strings that need escapes", ['"', "\\", "\n", "\u0000", "\u007f", "😀", "\ud800", "x".repeat(64)]],
    ["toJSON that is no function", { a: { toJSON: undefined } }],
  ])("is written as JSON.stringify writes it: %s", (_, value) => {
    expect(stringifySmall(value)).toBe(JSON.stringify(value));
  });

  test("of any kind is written as JSON.stringify writes it, or not at all", () => {
    fc.assert(
      fc.property(fc.anything({ withObjectString: true, withNullPrototype: true, withDate: true }), (value) => {
        const text = stringifySmall(value);
        if (text !== undefined) expect(text).toBe(JSON.stringify(value));
      }),
      { numRuns: 5_000 },
    );
  });

  test.each<[string, unknown]>([
    ["NaN", { a: NaN }],
    ["a bigint", { a: 1n }],
    ["a function", { a: () => 1 }],
    ["a symbol", [Symbol("s")]],
    ["a Date", { at: new Date(0) }],
    ["a Map", { a: new Map() }],
    ["an instance of a class", new Point(1)],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { a: 1 })],
    ["own toJSON", { a: 1, toJSON: () => 5 }],
    ["toJSON that is not enumerable", Object.defineProperty({ a: 1 }, "toJSON", { value: () => NaN })],
    ["toJSON of an array", Object.assign([1], { toJSON: () => 5 })],
    ["a long array", Array.from({ length: 9 }, () => 1)],
    ["a long string", { a: "x".repeat(65) }],
    ["many parts", Array.from({ length: 8 }, () => ({ a: 1, b: 2, c: 3, d: 4 }))],
  ])("that is none is left to others: %s", (_, value) => {
    expect(stringifySmall(value)).toBeUndefined();
  });

  test("in a circle is left to others, which refuse it", () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(stringifySmall(circle)).toBeUndefined();
    expect(() => new JsonCodec().encode(circle)).toThrow(TypeError);
  });

  test("has no members that it inherits", () => {
    Object.defineProperty(Object.prototype, "polluted", { value: 1, enumerable: true, configurable: true });
    const text = stringifySmall({ a: 1 });
    Reflect.deleteProperty(Object.prototype, "polluted");
    expect(text).toBe('{"a":1}');
  });

  test("whose getter encodes another one is written whole", () => {
    const codec = new JsonCodec();
    const many = Array.from({ length: 100 }, () => [1, 2, 3]);
    const value = {
      a: 1,
      get b() {
        codec.encode(many);
        return { c: codec.encode({ d: 2 }) };
      },
    };
    expect(stringifySmall(value)).toBe('{"a":1,"b":{"c":"{\\"d\\":2}"}}');
  });

  test("whose getter throws lets that through, and the next one is written", () => {
    const value = {
      get a(): never {
        throw new Error("mine");
      },
    };
    expect(() => stringifySmall(value)).toThrow("mine");
    expect(stringifySmall({ a: 1 })).toBe('{"a":1}');
  });
});
