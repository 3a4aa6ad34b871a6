/** The public names, one by one. Nothing inside imports this file. */

export { Channel } from "./channel/channel.js";
export type { AnyRequestHandler, RequestHandler } from "./channel/handlers.js";
export type { AnyNotificationHandler, NotificationHandler } from "./channel/notifications.js";
export type { ChannelOptions, RequestOptions } from "./channel/options.js";
export type { BatchCall, BatchOptions } from "./channel/batch.js";
export type { HandlerInterceptor } from "./channel/dispatcher.js";
export type { NextCall, OutgoingCall, RequestInterceptor } from "./channel/interceptors.js";
export type { NotificationOverflow } from "./channel/notifications.js";
export type { RequestTrace } from "./channel/parts.js";
export type { AnyRemote, AnyRemoteMethod } from "./channel/remote.js";
export type { RequestContext } from "./channel/request-context.js";
export type { ChannelStats } from "./channel/stats.js";
export type { AnyIterable } from "./channel/stream-writer.js";
export type {
  AnyEvents,
  CallArguments,
  HandlersOf,
  ItemOf,
  RequestName,
  ResultOf,
  StreamName,
  TypedChannel,
  TypedRemote,
} from "./channel/typed.js";
export type { Codec, JsonTextCodec } from "./codec/contract.js";
export { JsonCodec, type JsonCodecOptions } from "./codec/json.js";
export { AlteredNumberError, type BigIntegers, type IsLeft } from "./codec/json-numbers.js";
export { RawCodec } from "./codec/raw.js";
export { ChannelError, RpcError } from "./errors.js";
export type { ChannelErrorCode, ChannelErrorDetails, Delivery, RpcErrorDetails } from "./errors.js";
export type { ByteSink, FrameDecoder, FrameStatus, Framing, Payload, Piece } from "./framing/contract.js";
export { ContentLengthFraming } from "./framing/content-length.js";
export { LengthPrefixedFraming } from "./framing/length-prefixed.js";
export { LineDelimitedFraming } from "./framing/line-delimited.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export type { Link, LinkReceiver } from "./link/contract.js";
export { createMemoryLinks } from "./link/memory-link.js";
export { StreamLink } from "./link/stream-link.js";
export { createChannel, type CreateChannelOptions } from "./process/create-channel.js";
export { createStdioChannel, type StdioChannelOptions } from "./process/create-stdio-channel.js";
export type { Methods } from "./process/methods.js";
export { serveStdio, type ServeStdioOptions } from "./process/serve-stdio.js";
export type { ShutdownOptions } from "./process/shutdown.js";
export type { SpawnOptions } from "./process/spawn-worker.js";
export type { StderrOption } from "./process/stderr.js";
export { JsonRpcErrorCode } from "./protocol/error-codes.js";
export { JsonRpcProtocol } from "./protocol/json-rpc.js";
export { ExactId } from "./protocol/contract.js";
export type {
  ErrorMessage,
  ErrorObject,
  BatchMessage,
  InvalidMessage,
  Message,
  MessageHead,
  NotificationMessage,
  Protocol,
  RequestId,
  RequestMessage,
  ResponseMessage,
  SingleMessage,
  Wire,
} from "./protocol/contract.js";
