/**
 * What a program needs to serve: `serveStdio`, the layers, the errors. It loads nothing that starts processes, so a worker
 * that imports it starts sooner. All of it is in the main entry as well.
 */

export type {
  AnyNotificationHandler,
  AnyRequestHandler,
  HandlerInterceptor,
  NotificationHandler,
  NotificationOverflow,
  RequestContext,
  RequestHandler,
} from "./channel/contract/handlers.js";
export type { Channel } from "./channel/contract/channel.js";
export type { ChannelOptions } from "./channel/contract/options.js";
export type { RequestOptions } from "./channel/contract/request-options.js";
export type { AnyApi, AnyEvents, HandlerOf, HandlersOf, TypedChannel } from "./channel/contract/typed.js";
export { validated, type StandardSchema } from "./channel/contract/validated.js";
export { JsonCodec, type JsonCodecOptions } from "./codec/json.js";
export { RawCodec } from "./codec/raw.js";
export { acp } from "./dialects/acp.js";
export type { Dialect } from "./dialects/contract.js";
export { jsonRpc } from "./dialects/json-rpc.js";
export { lsp } from "./dialects/lsp.js";
export { mcp } from "./dialects/mcp.js";
export { ChannelError, RpcError } from "./errors.js";
export type { ChannelErrorCode, Delivery } from "./errors.js";
export { ContentLengthFraming } from "./framing/content-length.js";
export { LengthPrefixedFraming } from "./framing/length-prefixed.js";
export { LineDelimitedFraming } from "./framing/line-delimited.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export { serveStdio, type ServeStdioOptions } from "./node/serve-stdio.js";
export type { MethodsOf, ServingOptions, WorkerChannel } from "./node/serving.js";
export { JsonRpcErrorCode } from "./protocol/error-codes.js";
export { JsonRpcProtocol } from "./protocol/json-rpc.js";
