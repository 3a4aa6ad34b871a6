// A worker on @procwire/client.

import { Client } from "@procwire/client";
import { counting, methods } from "./methods.mjs";

const client = new Client()
  .handle("add", answerBy("add"))
  .handle("echo", answerBy("echo"))
  .handle("sum_array", answerBy("sum_array"))
  .handle("note", () => undefined, { response: "none" })
  .handle(
    "count",
    async (params, context) => {
      for await (const item of counting(/** @type {{ to: number }} */ (params).to)) await context.chunk(item);
      await context.end();
    },
    { response: "stream" },
  );
await client.start();

/** @param {string} method */
function answerBy(method) {
  return (/** @type {unknown} */ params, /** @type {{ respond(result: unknown): unknown }} */ context) => {
    void context.respond(methods[method]?.(params));
  };
}
