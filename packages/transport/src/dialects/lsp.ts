import type { Dialect, Report } from "./contract.js";
import { fieldsOf, tokenIn, withMembers } from "./fields.js";

/** Tokens are shared with those that the server makes, so ours say whose they are, and of which request. */
const PROGRESS = "procwire/progress/";
const ITEMS = "procwire/items/";

/**
 * The Language Server Protocol. Work-done progress is `onProgress`; partial results are the items of a stream, and so is
 * what the answer holds of them.
 */
export const lsp: Dialect = Object.freeze({
  name: "lsp",
  framing: "content-length",
  protocol: "json-rpc",
  controls: Object.freeze({ cancel: "$/cancelRequest", progress: "$/progress" }),
  idIn: "id",
  ping: undefined,
  pong: undefined,
  discover: undefined,
  hello: Object.freeze({
    request: "initialize",
    done: "initialized",
    isRequired: true,
    allowed: Object.freeze(["exit"]),
    earlyCode: -32002,
  }),
  goodbye: Object.freeze({ request: "shutdown", notification: "exit" }),
  isReserved: (method: string) => method.startsWith("$/"),
  hasBatches: false,
  answersCancelled: true,
  nothing: undefined,
  traceContext: undefined,
  cancelParams: (id) => ({ id }),
  withTokens: (params, id, { progress, items }) =>
    withMembers(params, {
      ...(progress ? { workDoneToken: PROGRESS + String(id) } : {}),
      ...(items ? { partialResultToken: ITEMS + String(id) } : {}),
    }),
  progressToken: (_id, params) => tokenIn(fieldsOf(params)["workDoneToken"]),
  progressParams: (token, value) => ({ token, value }),
  readProgress: ({ token, value }): Report => {
    const items = idAfter(ITEMS, token);
    if (items !== undefined) return { id: items, value, items: Array.isArray(value) ? value : [value] };
    return { id: idAfter(PROGRESS, token), value };
  },
  itemsToken: (params) => tokenIn(fieldsOf(params)["partialResultToken"]),
  itemsIn: (result) => (Array.isArray(result) ? (result as unknown[]) : []),
} satisfies Dialect);

function idAfter(prefix: string, token: unknown): number | undefined {
  return typeof token === "string" && token.startsWith(prefix) ? Number(token.slice(prefix.length)) : undefined;
}
