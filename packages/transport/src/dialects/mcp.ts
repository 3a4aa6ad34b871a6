import type { Dialect, Fields } from "./contract.js";
import { fieldsOf, tokenIn, withMembers } from "./fields.js";

const META = "_meta";
const TOKEN = "progressToken";
const PING = "ping";

/**
 * The Model Context Protocol, with the handshake of 2025 and without it, as in 2026. A request that was cancelled is not
 * answered; a request's progress comes under its id.
 */
export const mcp: Dialect = Object.freeze({
  name: "mcp",
  framing: "line-delimited",
  protocol: "json-rpc",
  controls: Object.freeze({ cancel: "notifications/cancelled", progress: "notifications/progress" }),
  idIn: "requestId",
  ping: PING,
  pong: Object.freeze({}),
  discover: undefined,
  hello: Object.freeze({
    request: "initialize",
    done: "notifications/initialized",
    isRequired: false,
    allowed: Object.freeze([PING]),
    earlyCode: undefined,
  }),
  goodbye: undefined,
  isReserved: (method: string) => method === "notifications/cancelled" || method === "notifications/progress",
  hasBatches: false,
  answersCancelled: false,
  nothing: Object.freeze({}),
  traceContext: META,
  cancelParams: (requestId, reason) => (reason === undefined ? { requestId } : { requestId, reason }),
  withTokens: (params, id, { progress }) =>
    progress ? withMembers(params, { [META]: { ...metaOf(params), [TOKEN]: id } }) : params,
  progressToken: (_id, params) => tokenIn(metaOf(params)[TOKEN]),
  progressParams: (token, value) =>
    typeof value === "object" && value !== null ? { ...value, [TOKEN]: token } : { [TOKEN]: token, progress: value },
  readProgress: ({ [TOKEN]: id, ...value }) => ({ id, value }),
} satisfies Dialect);

function metaOf(params: unknown): Fields {
  return fieldsOf(fieldsOf(params)[META]);
}
