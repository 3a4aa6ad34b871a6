import { deepStrictEqual } from "node:assert";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { MessagePackCodec, MessagePackError } from "../src/index.js";
import { across, decode, fromHex, toHex, encode, joined } from "./hex.js";

const codec = new MessagePackCodec();

/** What is sent, what arrives (the same, unless given), and the bytes between. */
const TABLE: readonly (readonly [name: string, sent: unknown, hex: string, arrives?: unknown])[] = [
  ["null", null, "c0"],
  ["true", true, "c3"],
  ["false", false, "c2"],
  ["zero", 0, "00"],
  ["minus zero", -0, "cb8000000000000000"],
  ["127", 127, "7f"],
  ["128", 128, "cc80"],
  ["-32", -32, "e0"],
  ["-33", -33, "d0df"],
  ["65535", 65535, "cdffff"],
  ["2^32 - 1", 2 ** 32 - 1, "ceffffffff"],
  ["2^32, as an integer and not as a float", 2 ** 32, "cf0000000100000000"],
  ["-2^31 - 1, as an integer and not as a float", -(2 ** 31) - 1, "d3ffffffff7fffffff"],
  ["the largest safe integer", Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
  ["the smallest safe integer", Number.MIN_SAFE_INTEGER, "d3ffe0000000000001"],
  ["2^53, a number that is no safe integer", 2 ** 53, "cb4340000000000000"],
  ["a fraction", 0.1, "cb3fb999999999999a"],
  ["the smallest number", 5e-324, "cb0000000000000001"],
  ["Infinity", Infinity, "cb7ff0000000000000"],
  ["-Infinity", -Infinity, "cbfff0000000000000"],
  ["NaN", NaN, "cb7ff8000000000000"],
  ["a bigint that is a safe integer, as a number", 5n, "05", 5],
  ["a bigint of 2^53", 2n ** 53n, "cf0020000000000000"],
  ["a bigint of -2^53", -(2n ** 53n), "d3ffe0000000000000"],
  ["the largest bigint", 2n ** 64n - 1n, "cfffffffffffffffff"],
  ["the smallest bigint", -(2n ** 63n), "d38000000000000000"],
  ["an empty string", "", "a0"],
  ["a string", "add", "a3616464"],
  ["a string of two-byte characters", "öä", "a4c3b6c3a4"],
  ["a character outside the basic plane", "😀", "a4f09f9880"],
  ["a byte-order mark", "\ufeffx", "a4efbbbf78"],
  ["a zero character", "\0", "a100"],
  ["bytes", Uint8Array.of(1, 10, 255), "c403010aff"],
  ["no bytes", new Uint8Array(0), "c400"],
  ["a Buffer, as Uint8Array", Buffer.from("hi"), "c4026869", Uint8Array.of(0x68, 0x69)],
  ["an Int8Array", Int8Array.of(-1), "d411ff"],
  ["a Uint8ClampedArray", Uint8ClampedArray.of(1, 2), "d5120102"],
  ["an Int16Array", Int16Array.of(-2), "d513feff"],
  ["a Uint16Array", Uint16Array.of(1, 2), "d61401000200"],
  ["an Int32Array", Int32Array.of(-2), "d615feffffff"],
  ["a Uint32Array", Uint32Array.of(1), "d61601000000"],
  ["a Float32Array", Float32Array.of(1), "d6170000803f"],
  ["a Float64Array", Float64Array.of(-0), "d7180000000000000080"],
  ["a BigInt64Array", BigInt64Array.of(-2n), "d719feffffffffffffff"],
  ["a BigUint64Array", BigUint64Array.of(1n), "d71a0100000000000000"],
  ["an empty Float64Array", new Float64Array(0), "c70018"],
  ["the part of an array that a view shows", Float32Array.of(9, 1, 9).subarray(1, 2), "d6170000803f"],
  ["a date of whole seconds", new Date(1000), "d6ff00000001"],
  ["a date with milliseconds", new Date(1), "d7ff003d090000000000"],
  ["a date before 1970", new Date(-1), "c70cff3b8b87c0ffffffffffffffff"],
  ["the last date", new Date(8.64e15), "c70cff00000000000007dba8218000"],
  ["an empty array", [], "90"],
  ["a nested array", [1, [2]], "92019102"],
  ["undefined in an array, as null", [undefined, 1], "92c001", [null, 1]],
  ["a hole in an array, as null", new Array(1), "91c0", [null]],
  ["an empty object", {}, "80"],
  ["an object", { a: 1 }, "81a16101"],
  ["undefined members, left out", { a: undefined, b: 1 }, "81a16201", { b: 1 }],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), "81a16101", { a: 1 }],
  ["an object of another realm", runInNewContext("({ a: [1] })"), "81a1619101", { a: [1] }],
  [
    "keys named like inherited members",
    { constructor: 1, toString: 2 },
    "82ab636f6e7374727563746f7201a8746f537472696e6702",
  ],
  ["a member that is not enumerable, left out", Object.defineProperty({}, "a", { value: 1 }), "80", {}],
];

describe("a value arrives as it was sent", () => {
  it.each(TABLE.map((row) => ({ name: row[0], row })))("$name", ({ row }) => {
    const [, sent, hex] = row;
    expect(toHex(encode(sent))).toBe(hex);
    deepStrictEqual(decode(fromHex(hex)), row.length === 4 ? row[3] : sent);
  });

  it.each([31, 32, 255, 256, 1024, 1025, 65_535, 65_536])("a string of %d characters", (length) => {
    for (const unit of ["x", "ö", "😀"]) expect(across(unit.repeat(length))).toBe(unit.repeat(length));
  });

  it.each([15, 16, 65_535, 65_536])("an object of %d members", (size) => {
    const object = Object.fromEntries(Array.from({ length: size }, (_, index) => [`k${index}`, index]));
    deepStrictEqual(across(object), object);
    deepStrictEqual(across({ ...object, extra: undefined }), object);
    deepStrictEqual(across({ ...object, k0: undefined }), Object.fromEntries(Object.entries(object).slice(1)));
  });

  it.each([15, 16, 65_536])("an array of %d elements", (size) => {
    const array = Array.from({ length: size }, (_, index) => index);
    deepStrictEqual(across(array), array);
  });

  it.each([255, 256, 65_536, 1_000_000])("%d bytes", (size) => {
    const bytes = new Uint8Array(size).fill(10);
    deepStrictEqual(across(bytes), bytes);
  });

  it("two short texts that would be looked up in the same place", () => {
    const texts = Array.from({ length: 2000 }, (_, index) => `m${index}`);
    deepStrictEqual(across([...texts, ...texts]), [...texts, ...texts]);
  });
});

describe("what arrives from other implementations", () => {
  it.each([
    ["a float 32", "ca3fc00000", 1.5],
    ["a small number as uint 64", "cf0000000000000005", 5],
    ["a small negative number as int 64", "d3ffffffffffffffff", -1],
    ["a positive number as int 64", "d30020000000000000", 2n ** 53n],
    ["a string with a longer header than it needs", "db00000001 61", "a"],
    ["a map with a longer header than it needs", "df00000001 a161 01", { a: 1 }],
    ["a key twice, of which the last counts", "82 a161 01 a161 02", { a: 2 }],
    ["a timestamp finer than milliseconds, cut off", "d7ff 00000004 00000001", new Date(1000)],
    ["one before 1970, cut off towards the past", "c70cff 3b9ac9ff ffffffffffffffff", new Date(-1)],
  ])("%s", (_name, hex, value) => {
    deepStrictEqual(decode(fromHex(hex)), value);
  });
});

class Point {
  x = 1;
}

const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
const transferred = new Uint8Array(4);
structuredClone(transferred.buffer, { transfer: [transferred.buffer] });

describe("what can't arrive as it is, is refused when it is sent", () => {
  it.each([
    ["undefined as the message", undefined, "undefined is no message"],
    ["a bigint of 2^64", 2n ** 64n, "beyond -2^63..2^64-1"],
    ["a bigint below -2^63", -(2n ** 63n) - 1n, "beyond -2^63..2^64-1"],
    ["a Map", new Map([[1, 2]]), "an instance of Map can't be sent as MessagePack; send Object.fromEntries(map)"],
    ["a Set", new Set([1]), "an instance of Set"],
    ["an ArrayBuffer", new ArrayBuffer(8), "send new Uint8Array(buffer)"],
    ["a DataView", new DataView(new ArrayBuffer(8)), "send a Uint8Array of its bytes"],
    ["a function", () => 1, "a function can't be sent"],
    ["a symbol", Symbol("s"), "a symbol can't be sent"],
    ["an instance of a class", new Point(), "an instance of Point can't be sent as MessagePack; send a plain object"],
    ["an error", new Error("e"), "an instance of Error"],
    ["a promise", Promise.resolve(1), "an instance of Promise"],
    ["a regular expression", /x/, "an instance of RegExp"],
    ["a boxed number", Object(1), "an instance of Number"],
    ["an object with toJSON, which is not called", new URL("http://localhost"), "an instance of URL"],
    ["a plain object with toJSON", { toJSON: () => 1 }, "toJSON: a function can't be sent"],
    ["an invalid date", new Date(NaN), "an invalid Date"],
    ["a lone surrogate in a short string", "a\ud800", "lone surrogate"],
    ["a lone surrogate in a long string", "a".repeat(5000) + "\udc00", "lone surrogate"],
    ["a lone surrogate in a key", { "\ud800": 1 }, "lone surrogate"],
    ["a key named __proto__", JSON.parse('{"__proto__":{"x":1}}'), "__proto__"],
    ["an array whose buffer was transferred away", transferred, "transferred"],
    ["an object that contains itself", cyclic, "nested deeper than 128 levels, or containing itself"],
  ])("%s", (_name, value, text) => {
    expect(() => codec.encode(value)).toThrow(MessagePackError);
    expect(() => codec.encode(value)).toThrow(text);
    expect(() => codec.encode(value)).toThrow(expect.objectContaining({ code: "ENCODE_FAILED" }) as Error);
  });

  it("and the message says where it stands", () => {
    const params = { list: [{ "a key": 1 }, { "a key": new Map() }] };
    expect(() => codec.encode({ method: "m", params })).toThrow('params.list[1]["a key"]: an instance of Map');
  });

  it("and an error thrown by a getter is the cause", () => {
    const cause = new Error("no");
    const value = {
      get a(): number {
        throw cause;
      },
    };
    expect(() => codec.encode(value)).toThrow(expect.objectContaining({ cause }) as Error);
  });

  it("and the next value is encoded as if nothing had been", () => {
    expect(() => codec.encode([1, 2, new Map()])).toThrow();
    expect(toHex(encode([3]))).toBe("9103");
  });
});

describe("bytes and their owners", () => {
  it("what was encoded is not overwritten by what is encoded next", () => {
    for (const size of [1, 100, 10_000, 200_000, 1_000_000]) {
      const first = codec.encode([new Uint8Array(size).fill(1), "text".repeat(size)]);
      const copy = joined(first);
      codec.encode([new Uint8Array(size).fill(2), "TEXT".repeat(size)]);
      expect(Buffer.compare(joined(first), copy)).toBe(0);
    }
  });

  it("a value that is decoded out of the middle of a chunk does not see its neighbours", () => {
    const chunk = Buffer.concat([encode({ a: 1 }), encode([Uint8Array.of(7)]), encode("end")]);
    expect(codec.decode(chunk, 4, 8)).toEqual([Uint8Array.of(7)]);
    expect(() => codec.decode(chunk, 4, 9)).toThrow(MessagePackError);
  });

  it.each([
    [1, 4],
    [-1, 2],
    [2, 1],
    [0, NaN],
  ])("a frame from %d to %d is not one of a chunk of three bytes", (start, end) => {
    const chunk = Uint8Array.of(9, 9, 0xc4, 1, 9, 9, 9).subarray(2, 5);
    expect(() => codec.decode(chunk, start, end)).toThrow("not within its chunk");
  });

  it("decoded bytes are a Uint8Array that shows the chunk, even of a Buffer", () => {
    const chunk = Buffer.from(encode(Uint8Array.of(1, 2)));
    const bytes = codec.decode(chunk, 0, chunk.length) as Uint8Array;
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype);
    expect(bytes.buffer).toBe(chunk.buffer);
  });

  it("a typed array is a view where it lies aligned, and a copy elsewhere", () => {
    const numbers = Float64Array.of(1.5, -2.5, 3.5);
    const payload = encode(numbers);
    const views: boolean[] = [];
    for (let offset = 0; offset < 8; offset++) {
      const chunk = new Uint8Array(payload.length + 8);
      chunk.set(payload, offset);
      const arrived = codec.decode(chunk, offset, offset + payload.length) as Float64Array;
      expect(arrived).toEqual(numbers);
      views.push(arrived.buffer === chunk.buffer);
    }
    expect(views.filter(Boolean)).toHaveLength(1);
  });

  it("a getter that encodes with the same codec disturbs nothing", () => {
    const value = {
      before: 1,
      get inner(): string {
        expect(() => codec.encode(new Map())).toThrow(MessagePackError);
        return toHex(encode([2 ** 40, -0]));
      },
      after: 2n ** 60n,
    };
    expect(decode(encode(value))).toEqual({
      before: 1,
      inner: "92cf0000010000000000cb8000000000000000",
      after: 2n ** 60n,
    });
  });

  it("a getter that says something else each time is asked once", () => {
    let asked = 0;
    const value = {
      get a(): number | undefined {
        asked += 1;
        return asked === 1 ? 1 : undefined;
      },
    };
    expect(across(value)).toEqual({ a: 1 });
  });
});

describe("the options", () => {
  it.each([0, -1, 1.5, NaN, Infinity])("a maxDepth of %d is refused", (maxDepth) => {
    expect(() => new MessagePackCodec({ maxDepth })).toThrow(RangeError);
  });

  it("a maxDepth of 1 allows one container", () => {
    const flat = new MessagePackCodec({ maxDepth: 1 });
    expect(decode(encode([1, "a"], flat), flat)).toEqual([1, "a"]);
    expect(() => flat.encode([[]])).toThrow("nested deeper than 1 levels");
    expect(() => flat.decode(fromHex("9191c0"), 0, 3)).toThrow("nested deeper than 1 levels");
  });
});
