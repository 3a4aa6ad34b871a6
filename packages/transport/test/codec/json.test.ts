import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { JsonCodec } from "../../src/codec/json.js";
import { LineDelimitedFraming } from "../../src/framing/line-delimited.js";
import { toBytes } from "../../src/framing/payload.js";
import { cutAt, encodeAll, utf8 } from "../support/frames.js";

/** The text of a value, all of it. */
function encodeText(codec: JsonCodec, value: unknown): string {
  return Buffer.from(toBytes(codec.encode(value))).toString();
}

function decodeText(codec: JsonCodec, text: string): unknown {
  const bytes = utf8(text);
  return codec.decode(bytes, 0, bytes.length);
}

/** Decodes every line of the chunks with one codec, as a channel does. A frame that can't be read gives its error. */
function decodeLines(codec: JsonCodec, chunks: readonly Uint8Array[]): unknown[] {
  const decoder = new LineDelimitedFraming().decoder(1024 * 1024);
  const values: unknown[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    while (decoder.next() !== "more") {
      try {
        values.push(codec.decode(decoder.bytes, decoder.start, decoder.end));
      } catch (error) {
        values.push(error);
      }
    }
  }
  return values;
}

function lines(values: readonly unknown[]): Uint8Array {
  return encodeAll(
    new LineDelimitedFraming(),
    values.map((value) => JSON.stringify(value)),
  );
}

const LONG_TEXT = "x".repeat(20_000);

function withToJson(list: unknown[], toJSON: () => unknown): unknown[] {
  return Object.assign(list, { toJSON });
}

function withIterator(list: unknown[]): unknown[] {
  return Object.defineProperty(list, Symbol.iterator, { value: () => [][Symbol.iterator]() });
}

/** Made anew each time: it is empty after one look. */
function emptied(): () => unknown[] {
  return () => {
    const list: unknown[] = [LONG_TEXT];
    list.push(Object.defineProperty({}, "gotten", { enumerable: true, get: () => ((list.length = 2), 1) }), 3);
    return list;
  };
}

function nestedIn(levels: number, value: unknown): unknown {
  return levels === 0 ? value : [nestedIn(levels - 1, value)];
}

describe("values", () => {
  test("arrive equal", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const codec = new JsonCodec();
        expect(decodeText(codec, encodeText(codec, value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test.each([
    [{ a: undefined, b: 1 }, '{"b":1}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [[-0, 1e21, null, undefined], "[0,1e+21,null,null]"],
    [Object.assign(Object.create(null) as object, { a: {} }), '{"a":{}}'],
    [{ null: "null", text: "\\ud800 {} null" }, '{"null":"null","text":"\\\\ud800 {} null"}'],
    [null, "null"],
    ["", '""'],
  ])("%o becomes %s", (value, text) => expect(new JsonCodec().encode(value)).toBe(text));

  test.each([[undefined], [() => 1], [Symbol("s")]])("%o has no text", (value) => {
    expect(new JsonCodec().stringify(value)).toBeUndefined();
    expect(() => new JsonCodec().encode(value)).toThrow(TypeError);
  });

  test("a bigint and a circle are errors", () => {
    const circle: unknown[] = [];
    circle.push(circle);
    expect(() => new JsonCodec().encode({ a: 1n })).toThrow(TypeError);
    expect(() => new JsonCodec().encode(circle)).toThrow(TypeError);
  });

  test("a __proto__ member is a member and changes no prototype", () => {
    const value = decodeText(new JsonCodec(), '{"__proto__":{"polluted":true}}') as object;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect("polluted" in {}).toBe(false);
  });

  test.each(["", " ", "{", "[1,]", "nul", "1 2", "\u0000", "'a'", "NaN", "undefined", "\ufeff{}"])(
    "%j is no JSON",
    (text) => expect(() => decodeText(new JsonCodec(), text)).toThrow(SyntaxError),
  );
});

describe("surrogates", () => {
  test("alone are sent as escapes, so that they are valid UTF-8 and arrive equal", () => {
    const codec = new JsonCodec();
    for (const value of ["\ud800", "\udc00", "a\ud83d", { "\udfff": "\ud800\ud800" }]) {
      const text = encodeText(codec, value);
      expect(text).not.toMatch(/[\ud800-\udfff]/);
      expect(decodeText(codec, text)).toEqual(value);
    }
  });

  test("in a pair are one character of four bytes", () => {
    expect(toBytes(new JsonCodec().encode("😀"))).toHaveLength(6);
  });
});

describe("invalid UTF-8 is an error and never repaired", () => {
  test.each([
    ["a lone continuation byte", [0x80]],
    ["a byte that never occurs", [0xff]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond the last character", [0xf4, 0x90, 0x80, 0x80]],
    ["a character that is cut off", [0xe2, 0x82]],
  ])("%s", (_, bad) => {
    const frame = Uint8Array.of(0x22, ...bad, 0x22);
    expect(() => new JsonCodec().decode(frame, 0, frame.length)).toThrow(TypeError);
  });

  test("in one frame leaves the frames beside it alone", () => {
    const chunk = Uint8Array.from(Buffer.concat([utf8('"a"\n"'), Uint8Array.of(0xff), utf8('"\n"b"\n')]));
    const [first, second, third] = decodeLines(new JsonCodec(), [chunk]);
    expect([first, third]).toEqual(["a", "b"]);
    expect(second).toBeInstanceOf(TypeError);
  });
});

describe("frames that share a chunk", () => {
  const ascii = [{ id: 1 }, { id: 2, text: "two" }, 3, "four"];

  test("of ASCII are decoded by one call for all", () => {
    const decode = vi.spyOn(TextDecoder.prototype, "decode");
    expect(decodeLines(new JsonCodec(), [lines(ascii)])).toEqual(ascii);
    expect(decode).toHaveBeenCalledTimes(1);
  });

  test.each([0, 1, 2, 3])("with a character beyond ASCII in frame %i arrive equal", (at) => {
    for (const odd of ["é", "漢", "😀", "\u2028", "\u0000", "\u007f", "\u0080"]) {
      const values: unknown[] = [...ascii];
      values[at] = { odd: `a${odd}b` };
      expect(decodeLines(new JsonCodec(), [lines(values)])).toEqual(values);
    }
  });

  test("and are cut anywhere, in the middle of a character too, arrive equal", () => {
    const values = ["abc", "dé", "漢f", "😀", { plain: 1 }, "é"];
    const bytes = lines(values);
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        expect(decodeLines(new JsonCodec(), cutAt(bytes, [first, second]))).toEqual(values);
      }
    }
  });

  test("of one chunk do not see the text of the chunk before", () => {
    const codec = new JsonCodec();
    expect(decodeLines(codec, [lines([1, 2]), lines([3, 4]), lines(["é", 5]), lines([6, 7])])).toEqual([
      1,
      2,
      3,
      4,
      "é",
      5,
      6,
      7,
    ]);
  });

  test("of two channels do not mix when they share a codec", () => {
    const codec = new JsonCodec();
    const left = lines(["l1", "l2", "l3"]);
    const right = lines(["r1", "r2", "r3"]);
    const read = (bytes: Uint8Array, at: number): unknown => codec.decode(bytes, at * 5, at * 5 + 4);
    const seen = [0, 1, 2].flatMap((at) => [read(left, at), read(right, at)]);
    expect(seen).toEqual(["l1", "r1", "l2", "r2", "l3", "r3"]);
  });

  test("may be read in any order", () => {
    const codec = new JsonCodec();
    const bytes = lines(["l1", "l2", "l3"]);
    expect([2, 0, 1].map((at) => codec.decode(bytes, at * 5, at * 5 + 4))).toEqual(["l3", "l1", "l2"]);
  });
});

describe("nesting", () => {
  const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);

  test("of 128 levels is accepted, of 129 refused", () => {
    expect(() => decodeText(new JsonCodec(), nested(128))).not.toThrow();
    expect(() => decodeText(new JsonCodec(), nested(129))).toThrow(RangeError);
  });

  test("counts objects and arrays together", () => {
    const mixed = (depth: number): string => '{"a":['.repeat(depth / 2) + "]}".repeat(depth / 2);
    expect(() => decodeText(new JsonCodec(), mixed(128))).not.toThrow();
    expect(() => decodeText(new JsonCodec(), mixed(130))).toThrow(RangeError);
  });

  test("may be bounded otherwise", () => {
    const codec = new JsonCodec({ maxDepth: 2 });
    expect(decodeText(codec, "[[1,2,3,4,5]]")).toEqual([[1, 2, 3, 4, 5]]);
    expect(() => decodeText(codec, "[[[1,2,3,4,5]]]")).toThrow(RangeError);
    expect(() => decodeText(new JsonCodec({ maxDepth: 0 }), "[]")).toThrow(RangeError);
    expect(decodeText(new JsonCodec({ maxDepth: 0 }), "7")).toBe(7);
  });

  test("counts in a member that a later one of the same name hides", () => {
    const shallow = Array.from({ length: 200 }, () => "[[]]").join();
    expect(decodeText(new JsonCodec(), `{"a":${nested(127)},"b":[${shallow}],"a":1}`)).toMatchObject({ a: 1 });
    expect(() => decodeText(new JsonCodec(), `{"a":${nested(128)},"b":[${shallow}],"a":1}`)).toThrow(RangeError);
    expect(() => decodeText(new JsonCodec(), `{"a":${nested(128)},"a":1}`)).toThrow(RangeError);
  });

  test("is not the number of arrays side by side", () => {
    const wide = `[${Array.from({ length: 5000 }, () => "[]").join()}]`;
    expect(decodeText(new JsonCodec(), wide)).toHaveLength(5000);
  });

  test.each([
    ["brackets in a string", '["'.concat("[{".repeat(500), '"]')],
    ["brackets in a key", `{"${"[".repeat(500)}":1}`],
    ["brackets behind an escaped quote", `["\\"${"[".repeat(500)}"]`],
    ["brackets behind an escaped backslash and a quote", `["\\\\",${nested(120)}]`],
    ["brackets behind three backslashes and a quote", `["\\\\\\"${"[".repeat(500)}"]`],
  ])("does not count %s", (_, text) => {
    expect(decodeText(new JsonCodec(), text)).toEqual(JSON.parse(text));
  });

  test.each([
    ["a string of brackets", `["]]]]",${nested(128)}]`],
    ["a string that ends with an escaped backslash", `["]\\\\",${nested(128)}]`],
    ["an empty string", `["",${nested(128)}]`],
  ])("is not hidden by %s", (_, text) => {
    expect(() => decodeText(new JsonCodec(), text)).toThrow(RangeError);
  });

  test("agrees with a walk over the value, for any value", () => {
    const depthOf = (value: unknown): number =>
      typeof value === "object" && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    const value = fc.jsonValue({ maxDepth: 8, stringUnit: fc.constantFrom("[", "]", "{", "}", '"', "\\", "a") });
    fc.assert(
      fc.property(value, (sample) => {
        const depth = depthOf(sample);
        const text = JSON.stringify(sample);
        expect(decodeText(new JsonCodec({ maxDepth: depth }), text)).toEqual(JSON.parse(text));
        if (depth > 0) expect(() => decodeText(new JsonCodec({ maxDepth: depth - 1 }), text)).toThrow(RangeError);
      }),
      { numRuns: 500 },
    );
  });

  test("of a hundred thousand levels, closed or not, does not overflow the stack", () => {
    expect(() => decodeText(new JsonCodec(), nested(100_000))).toThrow(RangeError);
    expect(() => decodeText(new JsonCodec(), "[".repeat(100_000))).toThrow(SyntaxError);
  });
});

describe("values that JSON would alter in silence are refused, and the place is named", () => {
  class Point {
    x = 1;
    y = 2;
  }
  class Failure extends RangeError {}
  const big = Array.from({ length: 1000 }, (_, index) => index);
  const twice = { list: [1] };

  test.each<[string, unknown, RegExp]>([
    ["NaN", { a: [1, { b: NaN }] }, /NaN at a\[1\]\.b/],
    ["Infinity in a long message", { big, last: -Infinity }, /-Infinity at last/],
    ["an invalid Date", [new Date(NaN)], /invalid Date at \[0\]/],
    ["a Map", { tags: new Map([[1, 2]]) }, /Map at tags/],
    ["a Map beside a long text", { text: "x".repeat(1000), tags: new Map() }, /Map at tags/],
    ["NaN behind many parts", [...big, NaN], /NaN at \[1000\]/],
    ["a Set deep behind many parts", { big, list: [{ set: new Set() }] }, /Set at list\[0\]\.set/],
    ["a Float32Array behind many parts", { big, numbers: new Float32Array(2) }, /Float32Array at numbers/],
    ["a Set", new Set([1]), /instance of Set/],
    ["an Error", [new Error("x")], /instance of Error at \[0\]/],
    ["a regular expression", [/x/], /RegExp/],
    ["a Float64Array", { numbers: new Float64Array(3) }, /Float64Array at numbers.*MessagePackCodec/],
    ["a Buffer", { bytes: Buffer.from("x") }, /Buffer at bytes/],
    ["an empty Uint8Array", [new Uint8Array(0)], /Uint8Array/],
    ["an ArrayBuffer", [new ArrayBuffer(1)], /ArrayBuffer/],
    ["an Error with members", [Object.assign(new Error("x"), { code: 7 })], /instance of Error at \[0\]/],
    [
      "an error of a class of the user's",
      { e: Object.assign(new Failure("x"), { code: 7 }) },
      /instance of Failure at e/,
    ],
    [
      "an Error of another realm with a member",
      [runInNewContext("Object.assign(new Error('x'), { code: 7 })")],
      /Error at \[0\]/,
    ],
    ["a Map with a member", { tags: Object.assign(new Map([[1, 2]]), { name: "m" }) }, /Map at tags/],
    ["a Map of another realm with a member", [runInNewContext("Object.assign(new Map(), { a: 1 })")], /Map at \[0\]/],
    ["a Set with a member", { "my tags": Object.assign(new Set([1]), { name: "m" }) }, /Set at \["my tags"\]/],
    ["a WeakMap", [new WeakMap()], /WeakMap/],
    ["a regular expression with a member", [Object.assign(/x/, { a: 1 })], /RegExp/],
    ["a Promise with a member", [Object.assign(Promise.resolve(), { a: 1 })], /Promise/],
    ["a Uint8Array with a member", [Object.assign(Uint8Array.of(1), { a: 1 })], /Uint8Array/],
    ["NaN that toJSON returns", { a: [{ toJSON: () => NaN }] }, /NaN at a\[0\]/],
    ["NaN in what toJSON returns", { a: { toJSON: () => ({ b: [1, NaN] }) } }, /NaN at a\.b\[1\]/],
    ["a Map that toJSON returns", { a: { toJSON: () => new Map([[1, 2]]) } }, /Map at a/],
    ["a Map with a member that toJSON returns", [{ toJSON: () => Object.assign(new Map(), { a: 1 }) }], /Map at \[0\]/],
    ["NaN that the toJSON of an array returns", { a: withToJson([1], () => NaN) }, /NaN at a/],
    ["NaN that a hidden toJSON returns", { a: Object.defineProperty({}, "toJSON", { value: () => NaN }) }, /NaN at a/],
    ["NaN in a Number object", [Object(NaN)], /NaN at \[0\]/],
    ["a bigint", { deep: [{ n: 1n }] }, /a bigint at deep\[0\]\.n\. Send it as a string/],
    ["NaN in an instance of a class", { point: Object.assign(new Point(), { x: NaN }) }, /NaN at point\.x/],
    ["NaN beside a value seen before", { a: { n: 1 }, b: [twice, twice, { twice, n: NaN }] }, /NaN at b\[2\]\.n/],
    ["NaN 500 levels deep", nestedIn(500, NaN), /NaN at (\[0\]){500}/],
  ])("%s", (name, value, message) => {
    expect(() => new JsonCodec().encode(value)).toThrow(message);
    if (name !== "a bigint") expect(() => new JsonCodec({ lossy: true }).encode(value)).not.toThrow();
  });

  test.each<[string, unknown, string]>([
    [
      "an array with a toJSON beside a long text",
      [LONG_TEXT, withToJson([1], () => "said")],
      `["${LONG_TEXT}","said"]`,
    ],
    ["an array that a getter empties beside a long text", emptied(), `["${LONG_TEXT}",{"gotten":1}]`],
    ["an array whose iterator says something else", [LONG_TEXT, withIterator([1, 2])], `["${LONG_TEXT}",[1,2]]`],
    ["an instance of a class beside a long text", [LONG_TEXT, new Point()], `["${LONG_TEXT}",{"x":1,"y":2}]`],
    ["a Date beside a long text", [LONG_TEXT, new Date(0)], `["${LONG_TEXT}","1970-01-01T00:00:00.000Z"]`],
    ["objects around plain values", [Object("a"), Object(1), Object(false)], '["a",1,false]'],
    ["a bigint where somebody gave bigints a toJSON", { toJSON: () => [5, { a: 1 }] }, '[5,{"a":1}]'],
  ])("%s is sent as JSON.stringify writes it", (_, value, text) => {
    const codec = new JsonCodec();
    // Long texts have a way of their own once one was seen.
    for (let round = 0; round < 3; round++) {
      const sent = encodeText(codec, typeof value === "function" ? (value as () => unknown)() : value);
      expect(sent.replaceAll(LONG_TEXT, "long")).toBe(text.replaceAll(LONG_TEXT, "long"));
    }
  });

  test("toJSON is asked once, and getters of what it returns, too", () => {
    const said: string[] = [];
    const inner = Object.defineProperty({}, "got", { enumerable: true, get: () => said.push("get") });
    new JsonCodec().encode({ a: { toJSON: () => (said.push("toJSON"), inner) } });
    expect(said).toEqual(["toJSON", "get"]);
  });

  test("any value is written as JSON.stringify writes it, or refused", () => {
    const property = fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
        withSparseArray: true,
        withNullPrototype: true,
        withBoxedValues: true,
      }),
      (value) => {
        let text: string;
        try {
          text = encodeText(new JsonCodec(), value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(text).toBe(JSON.stringify(value));
        expect(text).toBe(encodeText(new JsonCodec({ lossy: true }), value));
      },
    );
    fc.assert(property, { numRuns: 2_000 });
  });

  test("an instance of a class is sent by its members", () => {
    expect(new JsonCodec().encode({ point: new Point(), nothing: null, empty: {} })).toBe(
      '{"point":{"x":1,"y":2},"nothing":null,"empty":{}}',
    );
  });
});
