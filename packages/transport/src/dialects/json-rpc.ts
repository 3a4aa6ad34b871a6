import type { Dialect } from "./contract.js";

/** Plain JSON-RPC 2.0: `$/cancelRequest` and `$/progress` as language servers have them, and streams with credit. */
export const jsonRpc: Dialect = Object.freeze({
  name: "json-rpc",
  controls: Object.freeze({
    cancel: "$/cancelRequest",
    progress: "$/progress",
    "stream-pull": "$/stream/pull",
    "stream-items": "$/stream/items",
    "input-open": "$/input/open",
    "input-pull": "$/input/pull",
    "input-items": "$/input/items",
    "input-end": "$/input/end",
  }),
  ping: "$/ping",
  discover: "rpc.discover",
  farewell: "shutdown",
  isReserved: (method: string) => method.startsWith("$/"),
});
