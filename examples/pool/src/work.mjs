// The work in JavaScript: in the event loop, or in a thread of piscina, which runs what this file exports.

import { createHash } from "node:crypto";

/** @type {Record<string, (params: any) => unknown>} */
const methods = {
  hash: (/** @type {{ data: string }} */ { data }) => createHash("sha256").update(data).digest("hex"),
  factorize: (/** @type {{ n: number }} */ { n }) => factorize(n),
};

/** By trial division. @param {number} n a whole number up to 2^53 - 1 */
function factorize(n) {
  const factors = [];
  let rest = n;
  for (let divisor = 2; divisor * divisor <= rest; divisor += divisor === 2 ? 1 : 2) {
    for (; rest % divisor === 0; rest /= divisor) factors.push(divisor);
  }
  if (rest > 1) factors.push(rest);
  return factors;
}

/** @param {{ method: string, params: object }} task */
export default function work({ method, params }) {
  return methods[method]?.(params);
}
