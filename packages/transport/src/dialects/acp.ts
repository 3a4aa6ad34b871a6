import type { Dialect } from "./contract.js";

/**
 * The Agent Client Protocol. How far an agent is comes in notifications of the protocol's own, `session/update`; a request
 * that was cancelled is answered.
 */
export const acp: Dialect = Object.freeze({
  name: "acp",
  framing: "line-delimited",
  protocol: "json-rpc",
  controls: Object.freeze({ cancel: "$/cancel_request" }),
  idIn: "requestId",
  ping: undefined,
  pong: undefined,
  discover: undefined,
  hello: Object.freeze({
    request: "initialize",
    done: undefined,
    isRequired: true,
    allowed: Object.freeze([]),
    earlyCode: undefined,
  }),
  goodbye: undefined,
  isReserved: (method: string) => method.startsWith("$/"),
  hasBatches: false,
  answersCancelled: true,
  nothing: undefined,
  traceContext: "_meta",
  cancelParams: (requestId) => ({ requestId }),
  progressToken: () => undefined,
  progressParams: () => ({}),
  readProgress: () => ({ id: undefined, value: undefined }),
} satisfies Dialect);
