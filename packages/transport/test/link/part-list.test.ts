import fc from "fast-check";
import { expect, test } from "vitest";
import { PartList } from "../../src/node/streams/part-list.js";

function part(size: number, value: number): Uint8Array {
  return new Uint8Array(size).fill(value);
}

test("whatever is pushed and whenever it is taken, the bytes come out once and in order", () => {
  const sizes = fc.oneof(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 40_000 }));
  const turns = fc.array(fc.array(sizes, { maxLength: 30 }), { maxLength: 10 });
  const property = fc.property(turns, (turnsOfSizes) => {
    const list = new PartList();
    const [pushed, taken]: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const [turn, ofTurn] of turnsOfSizes.entries()) {
      for (const [at, size] of ofTurn.entries()) {
        pushed.push(part(size, turn * 31 + at));
        list.push(part(size, turn * 31 + at));
      }
      expect(list.length).toBe(ofTurn.reduce((sum, size) => sum + size, 0));
      taken.push(...list.take());
      expect(list.length).toBe(0);
    }
    // Looked at in the end: what was taken first must not have changed since.
    expect(Buffer.compare(Buffer.concat(taken), Buffer.concat(pushed))).toBe(0);
  });
  fc.assert(property, { numRuns: 200 });
});

test("small parts are one, and a large one is itself", () => {
  const list = new PartList();
  const large = part(8 * 1024, 3);
  for (const next of [part(1, 1), part(2, 2), large, part(3, 4)]) list.push(next);
  const taken = list.take();
  expect(taken.map(({ length }) => length)).toEqual([3, large.length, 3]);
  expect(taken[1]).toBe(large);
});

test("a small part may be used again at once", () => {
  const list = new PartList();
  const reused = part(3, 1);
  list.push(reused);
  reused.fill(2);
  expect([...Buffer.concat(list.take())]).toEqual([1, 1, 1]);
});
