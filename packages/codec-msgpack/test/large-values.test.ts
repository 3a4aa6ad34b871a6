import { encode as peerEncode, ExtData } from "@msgpack/msgpack";
import type { Payload } from "@procwire/transport";
import { describe, expect, test } from "vitest";
import { MessagePackCodec } from "../src/index.js";
import { encode, joined } from "./hex.js";

const LARGE = 64 * 1024;

function filled(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index & 0xff);
}

describe("a binary value", () => {
  test.each([LARGE - 1, LARGE, LARGE + 1, 3 * 1024 * 1024])(
    "of %i bytes is encoded as @msgpack/msgpack does it",
    (size) => {
      for (const value of [
        filled(size),
        [1, filled(size)],
        { a: filled(size), b: "behind" },
        [filled(size), filled(9)],
      ]) {
        expect(Buffer.from(encode(value)).equals(peerEncode(value))).toBe(true);
      }
    },
  );

  test("that is large goes out from where it is, without a copy", () => {
    const value = filled(LARGE);
    const payload = new MessagePackCodec().encode([value, 1]);
    const pieces = payload as readonly Uint8Array[];
    expect(pieces.map(({ length }) => length)).toEqual([6, LARGE, 1]);
    expect(pieces[1]?.buffer).toBe(value.buffer);
  });

  test("that is a typed array keeps its extension type", () => {
    const value = new Float64Array(LARGE).map((_, index) => index / 3);
    const data = new Uint8Array(value.buffer);
    const bytes = encode({ value });
    expect(Buffer.from(bytes).equals(peerEncode({ value: new ExtData(24, data) }))).toBe(true);
    expect(new MessagePackCodec().decode(bytes, 0, bytes.length)).toStrictEqual({ value });
  });

  test("that is a part of a larger buffer is sent as that part", () => {
    const whole = filled(3 * LARGE);
    const part = whole.subarray(LARGE, 2 * LARGE);
    expect(Buffer.from(encode(part)).subarray(5).equals(part)).toBe(true);
  });

  test("several large ones in one message keep their places", () => {
    const value = {
      a: filled(LARGE),
      b: [filled(2 * LARGE), "between", new Uint16Array(LARGE)],
      c: filled(LARGE),
      d: 1,
    };
    const bytes = encode(value);
    expect(new MessagePackCodec().decode(bytes, 0, bytes.length)).toStrictEqual(value);
  });
});

test("a getter that encodes with the same codec does not disturb the message around it", () => {
  const codec = new MessagePackCodec();
  let inner: Payload = "";
  const value = {
    before: filled(LARGE),
    get now(): number {
      inner = codec.encode({ inner: filled(LARGE) });
      return 1;
    },
    after: filled(LARGE + 1),
  };
  const outer = joined(codec.encode(value));
  expect(codec.decode(outer, 0, outer.length)).toStrictEqual({
    before: filled(LARGE),
    now: 1,
    after: filled(LARGE + 1),
  });
  expect(codec.decode(joined(inner), 0, joined(inner).length)).toStrictEqual({ inner: filled(LARGE) });
});

test("a message that failed leaves nothing to the next one", () => {
  const codec = new MessagePackCodec();
  expect(() => codec.encode([filled(LARGE), new Map()])).toThrow("Map");
  expect(codec.encode([1])).toEqual(Uint8Array.of(0x91, 1));
});
