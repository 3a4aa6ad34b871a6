/** @msgpack/msgpack is the other side here: two implementations that know nothing of each other have to agree. */

import { deepStrictEqual } from "node:assert";
import {
  decode as peerDecode,
  encode as peerEncode,
  decodeTimestampToTimeSpec,
  ExtensionCodec,
} from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, it } from "vitest";
import { MessagePackError } from "../src/index.js";
import { anyValue, commonValue } from "./any-value.js";
import { decode, encode } from "./hex.js";

const TYPED_ARRAYS = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
];

/** What this codec refuses and the other one takes, as its README says. */
const STRICTER =
  /not UTF-8|a map key is not a string|extension type -?\d+ is not known|a timestamp|per element|nested deeper/;

const extensionCodec = new ExtensionCodec();
TYPED_ARRAYS.forEach((type, index) => {
  const read = (data: Uint8Array): unknown => new type(data.slice().buffer);
  extensionCodec.register({ type: 17 + index, encode: () => null, decode: read });
});
extensionCodec.register({
  type: -1,
  encode: () => null,
  // Its own way of cutting a time off to milliseconds is towards 1970.
  decode(data) {
    const { sec, nsec } = decodeTimestampToTimeSpec(data);
    return new Date(sec * 1000 + Math.floor(nsec / 1_000_000));
  },
});

/** The other one gives all integers of 64 bits as bigints. */
function narrowed(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, narrowed(member)]));
}

function readByPeer(bytes: Uint8Array): unknown {
  return narrowed(peerDecode(bytes, { extensionCodec, useBigInt64: true }));
}

/** Keeps most bytes, so that what is changed stands deep in a message that is otherwise sound. */
const mutation = fc.record({
  at: fc.nat({ max: 10_000 }),
  remove: fc.nat({ max: 2 }),
  insert: fc.uint8Array({ maxLength: 2 }),
});

function mutate(
  bytes: Uint8Array,
  { at, remove, insert }: { at: number; remove: number; insert: Uint8Array },
): Uint8Array {
  const place = bytes.length === 0 ? 0 : at % bytes.length;
  return new Uint8Array([...bytes.subarray(0, place), ...insert, ...bytes.subarray(place + remove)]);
}

const mutated = fc
  .tuple(anyValue, fc.array(mutation, { minLength: 1, maxLength: 3 }))
  .map(([value, mutations]) => mutations.reduce(mutate, encode(value)));

it("what this codec writes, the other one reads as it was sent", () => {
  fc.assert(
    fc.property(anyValue, (sent) => deepStrictEqual(readByPeer(encode(sent)), sent)),
    { numRuns: 500 },
  );
});

it("what the other one writes, this codec reads as it was sent", () => {
  fc.assert(
    fc.property(commonValue, (sent) => deepStrictEqual(decode(peerEncode(sent)), sent)),
    { numRuns: 500 },
  );
});

it("both write the same bytes", () => {
  fc.assert(
    fc.property(commonValue, (sent) => {
      expect(Buffer.compare(encode(sent), peerEncode(sent))).toBe(0);
    }),
    { numRuns: 500 },
  );
});

it.each([
  ["broken messages", mutated],
  ["any bytes", fc.uint8Array({ maxLength: 40 })],
])("%s: both read the same, or both refuse, but for the rules that are stricter here", (_, anyBytes) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      let value: unknown;
      try {
        value = decode(bytes);
      } catch (error) {
        if (!(error instanceof MessagePackError) || error.message.includes("unexpected")) throw error;
        if (!STRICTER.test(error.message)) expect(() => readByPeer(bytes)).toThrow();
        return;
      }
      deepStrictEqual(value, readByPeer(bytes));
    }),
    { numRuns: 3000 },
  );
});

it("what stands around a frame in its chunk changes nothing", () => {
  const outcome = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(mutated, fc.uint8Array({ minLength: 1, maxLength: 20 }), (bytes, around) => {
      const chunk = new Uint8Array([...around, ...bytes, ...around, ...bytes]);
      const inside = chunk.subarray(around.length, around.length + bytes.length);
      deepStrictEqual(
        outcome(() => decode(inside)),
        outcome(() => decode(bytes)),
      );
    }),
    { numRuns: 1000 },
  );
});
