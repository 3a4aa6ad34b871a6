// A worker on our own worker side in Node.
/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access --
   JSDoc carries the types here, and only the compiler reads it */

import { serveStdio } from "@procwire/transport";

serveStdio({
  add: (params) => {
    const { a, b } = /** @type {{ a: number, b: number }} */ (params);
    return a + b;
  },
  echo: (params) => /** @type {{ message: unknown }} */ (params).message,
  sum_array: (params) => {
    let total = 0;
    for (const number of /** @type {{ numbers: number[] }} */ (params).numbers) total += number;
    return total;
  },
});
