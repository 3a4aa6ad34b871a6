import type { Dialect } from "./contract.js";

/** Plain JSON-RPC 2.0: `$/cancelRequest` and `$/progress` as language servers have them, and streams with credit. */
export const jsonRpc: Dialect = Object.freeze({
  name: "json-rpc",
  framing: "line-delimited",
  protocol: "json-rpc",
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
  idIn: "id",
  ping: "$/ping",
  pong: null,
  discover: "rpc.discover",
  hello: undefined,
  goodbye: Object.freeze({ notification: "shutdown" }),
  isReserved: (method: string) => method.startsWith("$/"),
  hasBatches: true,
  answersCancelled: true,
  nothing: undefined,
  traceContext: "_meta",
  cancelParams: (id) => ({ id }),
  progressToken: (id) => id,
  progressParams: (token, value) => ({ token, value }),
  readProgress: ({ token, value }) => ({ id: token, value }),
} satisfies Dialect);
