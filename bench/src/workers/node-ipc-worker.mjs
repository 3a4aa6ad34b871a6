// A worker on the channel that Node itself puts between a program and what it forked.

/** @type {Record<string, (params: any) => unknown>} */
const methods = {
  add: (/** @type {{ a: number, b: number }} */ { a, b }) => a + b,
  echo: (/** @type {{ message: unknown }} */ { message }) => message,
  sum_array: (/** @type {{ numbers: number[] }} */ { numbers }) => {
    let total = 0;
    for (const number of numbers) total += number;
    return total;
  },
};

process.on("message", (message) => {
  const { id, method, params } = /** @type {{ id: number, method: string, params: unknown }} */ (message);
  process.send?.({ id, result: methods[method]?.(params) });
});
