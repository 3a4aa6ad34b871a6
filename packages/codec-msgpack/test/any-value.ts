import fc from "fast-check";

const scalars = [
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.string({ unit: "binary", maxLength: 80 }),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 300 }),
];
const bigints = [
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }),
  fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 53n) }),
];
const typedArrays = [
  fc.int8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
];
const key = fc.string({ unit: "binary", maxLength: 40 }).filter((text) => text !== "__proto__");

function trees(leaf: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 6, depthSize: "small", withCrossShrink: true },
      leaf,
      fc.array(tie("value"), { maxLength: 20 }),
      fc.dictionary(key, tie("value"), { maxKeys: 20, noNullPrototype: true }),
    ),
  }));
  return value;
}

/** All that arrives as it was sent. */
export const anyValue: fc.Arbitrary<unknown> = trees(fc.oneof(...scalars, ...bigints, ...typedArrays));

/** Values without a rule of this codec: any implementation writes and reads them so. */
export const commonValue: fc.Arbitrary<unknown> = trees(fc.oneof(...scalars).filter((value) => !Object.is(value, -0)));
