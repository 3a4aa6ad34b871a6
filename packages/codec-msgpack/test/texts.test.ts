import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessagePackCodec } from "../src/index.js";
import { across, decode, encode } from "./hex.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const codec = new MessagePackCodec();

/** A text of these bytes as this codec reads it, and as the engine does; `undefined` where it is refused. */
function read(run: () => unknown): unknown {
  try {
    return run();
  } catch {
    return undefined;
  }
}

function expectAsTheEngine(bytes: readonly number[]): void {
  const text = Uint8Array.from(bytes);
  const ours = read(() => decode(Uint8Array.of(0xd9, text.length, ...text), codec));
  // A failed `expect` is dear, and there are many of these.
  if (ours !== read(() => utf8.decode(text))) expect.fail(`the bytes ${bytes.join(" ")} are read as ${String(ours)}`);
}

const EDGES = [0x00, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xff];
const LEADS = Array.from({ length: 256 }, (_, lead) => lead);

describe("UTF-8 is read as the engine reads it", () => {
  it("of one and two bytes, all there are", () => {
    for (const lead of LEADS) {
      expectAsTheEngine([lead]);
      for (const second of LEADS) expectAsTheEngine([lead, second]);
    }
  });

  it("of three and four bytes, at the edges of what is allowed", () => {
    for (const lead of LEADS.slice(0xc0)) {
      for (const second of EDGES) {
        for (const third of EDGES) {
          expectAsTheEngine([lead, second, third]);
          for (const fourth of [0x7f, 0x80, 0xbf, 0xc0]) expectAsTheEngine([lead, second, third, fourth]);
        }
      }
    }
  });

  it("in the middle of a text, and at its end", () => {
    const part = fc.oneof(
      fc.constantFrom("é", "€", "😀", "\u{10ffff}", "\ud7ff", "\ue000", "x").map((text) => [...Buffer.from(text)]),
      fc.array(fc.nat({ max: 255 }), { maxLength: 2 }),
    );
    fc.assert(fc.property(fc.array(part, { maxLength: 12 }), (parts) => expectAsTheEngine(parts.flat())));
  });
});

describe("a text arrives whole", () => {
  const UNITS = ["x", "é", "€", "😀"];

  it("of every length around those at which its header or the way of writing it changes", () => {
    const lengths = [...Array.from({ length: 130 }, (_, at) => at), 254, 255, 256, 257, 65_535, 65_536];
    for (const length of lengths) {
      for (const unit of UNITS) {
        for (const text of [unit.repeat(length), "x".repeat(length) + unit, unit + "x".repeat(length)]) {
          if (across(text) !== text) expect.fail(`${length} times ${unit}`);
        }
      }
    }
  });

  it.each(UNITS)("of the character %s, wherever in the buffer the buffer has to grow", (unit) => {
    for (let before = 1900; before < 2060; before++) {
      for (const length of [1, 16, 40, 60, 86, 128]) {
        const value = ["b".repeat(before), unit.repeat(length), 1];
        const arrived = across(value);
        expect(arrived).toEqual(value);
      }
    }
  });

  it("or not at all: a lone surrogate is refused wherever it stands", () => {
    for (const lone of ["\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800"]) {
      for (const [before, behind] of [
        ["", ""],
        ["é", ""],
        ["", "é"],
        ["x".repeat(30), "y"],
        ["x".repeat(60), "y"],
      ] as const) {
        expect(() => encode(before + lone + behind)).toThrow("lone surrogate");
      }
    }
  });
});

it("every kind of value is whole wherever in the buffer the buffer has to grow", () => {
  const values = [
    [1, 200, 70_000, 2 ** 40, -1, -200, -70_000, -(2 ** 40), 0.5, 2n ** 60n, null, true],
    [new Date(1000), new Date(1), new Date(-1)],
    [new Uint8Array(300).fill(7), Uint8Array.of(1), Float64Array.of(1, 2), Int16Array.of(1)],
    {
      a: Array.from({ length: 20 }, (_, at) => at),
      b: Object.fromEntries(Array.from("0123456789abcdefg", (k) => [k, k])),
    },
  ];
  for (let before = 2048 - 400; before <= 2048; before++) {
    for (const value of values) {
      const sent = ["b".repeat(before), value];
      if (!Buffer.from(encode(across(sent))).equals(encode(sent))) expect.fail(`${before} bytes before`);
      expect(across(sent)).toEqual(sent);
    }
  }
});
