/** The public names, one by one. Nothing inside imports this file. */

export type { BatchCall, BatchOptions } from "./channel/contract/batch.js";
export type { Channel } from "./channel/contract/channel.js";
export type {
  BreakerState,
  ChannelEvent,
  ChannelEventHandler,
  ChannelHealth,
  ChannelState,
} from "./channel/contract/events.js";
export type {
  AnyNotificationHandler,
  AnyRequestHandler,
  HandlerInterceptor,
  NotificationHandler,
  NotificationOverflow,
  NotificationSource,
  RequestContext,
  RequestHandler,
} from "./channel/contract/handlers.js";
export type { NextCall, OutgoingCall, RequestInterceptor } from "./channel/contract/interceptors.js";
export type { AnyIterable } from "./channel/contract/items.js";
export type { ChannelOptions, CodecName, FramingName } from "./channel/contract/options.js";
export type { RequestOptions } from "./channel/contract/request-options.js";
export type { RequestTrace } from "./channel/contract/parts.js";
export type { AnyRemote, AnyRemoteMethod } from "./channel/contract/remote.js";
export type { ChannelStats } from "./channel/contract/stats.js";
export type {
  AnyApi,
  AnyEvents,
  CallArguments,
  CallOf,
  HandlerOf,
  HandlersOf,
  ItemOf,
  RequestName,
  ResultOf,
  ResultsOf,
  StreamName,
  TypedChannel,
  TypedRemote,
} from "./channel/contract/typed.js";
export { validated, type StandardSchema } from "./channel/contract/validated.js";
export type { Codec, JsonTextCodec } from "./codec/contract.js";
export { JsonCodec, type JsonCodecOptions } from "./codec/json.js";
export { AlteredNumberError, type BigIntegers, type IsLeft } from "./codec/json-numbers.js";
export { RawCodec } from "./codec/raw.js";
export { acp } from "./dialects/acp.js";
export type { Control, Dialect, Fields, Goodbye, Hello, Report, Wishes } from "./dialects/contract.js";
export { jsonRpc } from "./dialects/json-rpc.js";
export { lsp } from "./dialects/lsp.js";
export { mcp } from "./dialects/mcp.js";
export { ChannelError, RpcError } from "./errors.js";
export type { ChannelErrorCode, ChannelErrorDetails, Delivery, PastExit, RpcErrorDetails } from "./errors.js";
export type { ByteSink, FrameDecoder, FrameStatus, Framing, Payload, Piece } from "./framing/contract.js";
export { ContentLengthFraming } from "./framing/content-length.js";
export { LengthPrefixedFraming } from "./framing/length-prefixed.js";
export { LineDelimitedFraming } from "./framing/line-delimited.js";
export { DEFAULT_LIMITS, type Limits } from "./limits.js";
export type { ByteLink, ByteReceiver } from "./link/byte-link.js";
export type { Link, LinkBase, LinkReceiver } from "./link/contract.js";
export { createMemoryByteLinks } from "./link/memory-byte-link.js";
export { createMemoryLinks } from "./link/memory-link.js";
export { StreamLink } from "./node/streams/stream-link.js";
export { createChannel, type CreateChannelOptions } from "./node/create-channel.js";
export { connectChannel, type ConnectOptions } from "./node/connect-channel.js";
export { createStdioChannel, type StdioChannelOptions } from "./node/create-stdio-channel.js";
export { listen, type ListenOptions, type Service } from "./node/listen.js";
export { listServices, type ServiceInfo } from "./node/list-services.js";
export type { Methods } from "./node/own/methods.js";
export { serveStdio, type ServeStdioOptions } from "./node/serve-stdio.js";
export type { MethodsOf, ServingOptions, WorkerChannel } from "./node/serving.js";
export type { ShutdownOptions } from "./node/child/shutdown.js";
export type { SpawnOptions } from "./node/child/spawn-options.js";
export type { StderrOption } from "./node/child/stderr.js";
export type { ServiceAddress } from "./node/sockets/address.js";
export type { ServiceTarget, ServiceTargetOptions } from "./node/sockets/target.js";
export type { ClientTlsOptions, ServiceTlsOptions } from "./node/sockets/tls-options.js";
export type { SupervisionOptions } from "./node/supervision.js";
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
export type { BreakerOptions } from "./supervise/breaker-options.js";
export type { HeartbeatOptions } from "./supervise/heartbeat-options.js";
export type { RestartOptions } from "./supervise/restart-options.js";
export { retry, type RetryOptions } from "./supervise/retry.js";
