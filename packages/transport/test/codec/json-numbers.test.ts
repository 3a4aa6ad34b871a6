import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AlteredNumberError, isAltered, type BigIntegers } from "../../src/codec/json-numbers.js";
import { JsonCodec } from "../../src/codec/json.js";
import { utf8 } from "../support/frames.js";

function read(text: string, bigIntegers?: BigIntegers): unknown {
  const bytes = utf8(text);
  return new JsonCodec(bigIntegers === undefined ? {} : { bigIntegers }).decode(bytes, 0, bytes.length);
}

const ALTERED: readonly string[] = [
  "9007199254740993",
  "-9007199254740993",
  "9007199254740993.0",
  "9.007199254740993e15",
  "90071992547409.93E+2",
  "36028797018963969",
  "18446744073709551615",
  "123456789012345678901234567890",
  "1" + "0".repeat(200) + "1",
  "1e400",
  "-1e400",
  "1E+309",
  "1.8e308",
  "9".repeat(310),
  "9".repeat(100_000),
  "1e-400",
  "-1e-400",
  "1E-0400",
  "2e-324",
  `0.${"0".repeat(400)}1`,
  `0.${"0".repeat(230)}1e-99`,
];

const FAITHFUL: readonly string[] = [
  ...["0", "-0", "-0.0", "0e400", "0.0e-400", "-0e-999", "1e5", "1e-5", "7", "123456789012345", "9007199254740991"],
  ...["9007199254740992", "9007199254740994", "-9007199254740992", "9007199254740992.0", "9007199254740993e-3"],
  ...["0.1000000000000000055", "3.141592653589793238462643383279", "0.30000000000000004", "1.7976931348623157e308"],
  ...["5e-324", "4.9e-324", "3e-324", "2.2250738585072014e-308", "1e21", "1e+21", "9.223372036854776e18"],
  ...["9223372036854775808", "9223372036854776000", "18446744073709551616", "1e23", "9.9999999999999992e+22"],
  ...["1.8446744073709552e19", "100000000000000000000000", String(2n ** 1000n), `1${"0".repeat(308)}`],
];

describe("a number", () => {
  test.each(ALTERED.map((literal) => [literal.slice(0, 40), literal]))("%s is altered by JSON.parse", (_, literal) => {
    expect(isAltered(literal)).toBe(true);
    for (const text of [literal, ` ${literal} `, `[${literal}]`, `{"a":[1,{"b":${literal}}]}`]) {
      expect(() => read(text)).toThrow(AlteredNumberError);
      expect(read(text, "number")).toEqual(JSON.parse(text));
    }
    expect(read(`[${literal},"${literal}"]`, "string")).toEqual([literal, literal]);
  });

  test.each(FAITHFUL.map((literal) => [literal.slice(0, 40), literal]))("%s is not", (_, literal) => {
    expect(isAltered(literal)).toBe(false);
    for (const text of [literal, `[${literal}]`, `{"a":[1,{"b":${literal}}]}`])
      expect(read(text)).toEqual(JSON.parse(text));
    expect(read(literal)).toBe(Number(literal));
  });

  test("that is written by somebody who has the same numbers is never altered, in any usual way of writing it", () => {
    const property = fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const ways = [JSON.stringify(value), value.toExponential(), value.toPrecision(17), value.toExponential(16)];
      for (const text of ways) expect(read(text === "0" ? "0" : text)).toBe(Number(text));
      const whole = Math.trunc(value);
      if (Math.abs(whole) > 1) expect(read(String(BigInt(whole)))).toBe(whole);
    });
    fc.assert(property, { numRuns: 2_000 });
  });

  test("that is an integer is altered unless what arrives differs from it by less than its last digit says", () => {
    const zeros = fc.nat(25).map((count) => 10n ** BigInt(count));
    const property = fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), zeros, (digits, unit) => {
      const text = String(digits * unit);
      const difference = BigInt(Number(text)) - digits * unit;
      const last = 10n ** BigInt(text.length - text.replace(/0+$/, "").length);
      if (isAltered(text)) expect(difference).not.toBe(0n);
      else expect(difference < last && difference > -last).toBe(true);
      if (last === 1n) expect(isAltered(text)).toBe(difference !== 0n);
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe("the place of an altered number is named", () => {
  const BIG = "9007199254740993";
  test.each([
    [BIG, ""],
    [`[1,[2,${BIG}]]`, " at [1][1]"],
    [`{"a":{"b c":[{},{"d":${BIG}}]}}`, ' at a["b c"][1].d'],
    [`{"\\u0061":1,"x":[[],{},"],{",{"y\\"":[]}],"z":{"k":${BIG}}}`, " at z.k"],
    [`{ "a" : [ true , null , ${BIG} ] }`, " at a[2]"],
    [`{"one":1e5,"":${BIG}}`, ' at [""]'],
    [`["\\\\",{"a":"\\"","b":-${BIG}}]`, " at [1].b"],
  ])("%s", (text, place) => {
    const literal = text.includes(`-${BIG}`) ? `-${BIG}` : BIG;
    expect(() => read(text)).toThrow(`the number ${literal}${place} would arrive as ${Number(literal)}`);
  });

  test("and a long number is cut", () => {
    expect(() => read(`[${"9".repeat(1_000)}]`)).toThrow(
      /9{20}\.\.\. \(1000 characters\) at \[0\] would arrive as Infinity/,
    );
  });
});

describe("integers beyond 2^53 - 1", () => {
  const text = '{"n":[9007199254740992,-18446744073709551616,5,1.5,1e21],"t":"9007199254740993","n2":9007199254740993}';

  test('arrive as bigint with "bigint", whether a number could hold them or not', () => {
    expect(read(text, "bigint")).toEqual({
      n: [2n ** 53n, -(2n ** 64n), 5, 1.5, 1e21],
      t: "9007199254740993",
      n2: 2n ** 53n + 1n,
    });
    expect(read("9007199254740993", "bigint")).toBe(2n ** 53n + 1n);
  });

  test('arrive as text with "string"', () => {
    expect(read(text, "string")).toEqual({
      n: ["9007199254740992", "-18446744073709551616", 5, 1.5, 1e21],
      t: "9007199254740993",
      n2: "9007199254740993",
    });
  });

  test.each(["1e400", "1e-400", "9007199254740993.0"])('leave %s refused with "bigint"', (literal) => {
    expect(() => read(`[9007199254740993,${literal}]`, "bigint")).toThrow(`${literal} at [1]`);
  });

  test("of more than 4,096 digits are refused: making a bigint of them takes long", () => {
    expect(read(`[${"7".repeat(4_096)}]`, "bigint")).toEqual([BigInt("7".repeat(4_096))]);
    expect(() => read(`[${"7".repeat(4_097)}]`, "bigint")).toThrow(AlteredNumberError);
    expect(read(`[${"7".repeat(4_097)}]`, "string")).toEqual(["7".repeat(4_097)]);
  });

  test("leave members with odd names, and the last of several, as they are", () => {
    const value = read('{"__proto__":9007199254740993,"a":9007199254740993,"a":1}', "bigint") as object;
    expect(Object.getOwnPropertyDescriptor(value, "__proto__")?.value).toBe(2n ** 53n + 1n);
    expect(value).toMatchObject({ a: 1 });
  });
});

test("a million zeros and a million digits are judged in no time", () => {
  const started = performance.now();
  for (const text of [
    `[1${"0".repeat(1e6)}1]`,
    `[0.${"0".repeat(1e6)}1]`,
    `[${"90".repeat(5e5)}]`,
    `[1.${"0".repeat(1e6)}1e20]`,
  ])
    expect(() => read(text)).toThrow(AlteredNumberError);
  expect(performance.now() - started).toBeLessThan(5_000);
});

test("an unknown word for bigIntegers is refused at once", () => {
  expect(() => new JsonCodec({ bigIntegers: "exact" as BigIntegers })).toThrow(RangeError);
});
