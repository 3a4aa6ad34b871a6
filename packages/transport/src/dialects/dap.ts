import type { Dialect } from "./contract.js";

const CANCEL = "cancel";

/**
 * The Debug Adapter Protocol. It is no JSON-RPC, but has requests, answers, and events, which are notifications here; a
 * cancel is a request, whose answer nobody waits for.
 */
export const dap: Dialect = Object.freeze({
  name: "dap",
  framing: "content-length",
  protocol: "dap",
  controls: Object.freeze({ cancel: CANCEL }),
  idIn: "requestId",
  ping: undefined,
  pong: undefined,
  discover: undefined,
  acknowledged: Object.freeze([CANCEL]),
  hello: Object.freeze({
    request: "initialize",
    done: undefined,
    isRequired: true,
    allowed: Object.freeze([]),
    earlyCode: undefined,
  }),
  goodbye: Object.freeze({ request: "disconnect" }),
  isReserved: (method: string) => method === CANCEL,
  hasBatches: false,
  answersCancelled: true,
  nothing: undefined,
  traceContext: undefined,
  cancelParams: (requestId) => ({ requestId }),
  progressToken: () => undefined,
  progressParams: () => ({}),
  readProgress: () => ({ id: undefined, value: undefined }),
} satisfies Dialect);
