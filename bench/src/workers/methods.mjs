// What the Node workers answer, whatever carries it.

import { createHash } from "node:crypto";

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
  hash: (/** @type {{ data: string }} */ { data }) => createHash("sha256").update(data).digest("hex"),
  factorize: (/** @type {{ n: number }} */ { n }) => factorize(n),
  fibonacci_recursive: (/** @type {{ n: number }} */ { n }) => fibonacci(n),
};

/**
 * A stream of so many items, as a user would write it.
 *
 * @param {number} count
 */
export async function* counting(count) {
  for (let n = 0; n < count; n++) yield n;
}

/** By trial division. @param {number} n */
function factorize(n) {
  const factors = [];
  let rest = n;
  for (let divisor = 2; divisor * divisor <= rest; divisor += divisor === 2 ? 1 : 2) {
    for (; rest % divisor === 0; rest /= divisor) factors.push(divisor);
  }
  if (rest > 1) factors.push(rest);
  return factors;
}

/** @param {number} n @returns {number} */
function fibonacci(n) {
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
