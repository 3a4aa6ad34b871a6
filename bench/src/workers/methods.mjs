// What the Node workers answer, whatever carries it.

/** @type {Record<string, (params: any) => unknown>} */
export const methods = {
  add: (/** @type {{ a: number, b: number }} */ { a, b }) => a + b,
  echo: (/** @type {{ message: unknown }} */ { message }) => message,
  sum_array: (/** @type {{ numbers: Iterable<number> }} */ { numbers }) => {
    let total = 0;
    for (const number of numbers) total += number;
    return total;
  },
  note: () => undefined,
};

/**
 * A stream of so many items, as a user would write it.
 *
 * @param {number} count
 */
export async function* counting(count) {
  for (let n = 0; n < count; n++) yield n;
}
