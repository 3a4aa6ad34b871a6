// A worker on the channel that Node itself puts between a program and what it forked.

import { methods } from "./methods.mjs";

process.on("message", (message) => {
  const { id, method, params } = /** @type {{ id?: number, method: string, params: unknown }} */ (message);
  const result = methods[method]?.(params);
  if (id !== undefined) process.send?.({ id, result });
});
