import { bool, func, layer, listOf, milliseconds, oneOf } from "../../checks/kinds.js";
import { optionsOf, type OptionTable } from "../../checks/options.js";
import type { HandlerInterceptor, NotificationOverflow } from "./handlers.js";
import type { Codec } from "../../codec/contract.js";
import type { Dialect } from "../../dialects/contract.js";
import { ChannelError } from "../../errors.js";
import type { Framing } from "../../framing/contract.js";
import { LIMITS, type Limits } from "../../limits.js";
import type { Protocol } from "../../protocol/contract.js";
import type { RequestInterceptor } from "./interceptors.js";

/** The framings by name: `"line"` and `"length"` are short for the first two. */
export type FramingName = "line-delimited" | "length-prefixed" | "content-length" | "line" | "length";
/** The codecs by name. */
export type CodecName = "json" | "raw";

/** What every channel can be told, however its link came to be. */
export interface ChannelOptions {
  /** Bytes <-> frames. Default that of the dialect: `"line-delimited"`, a `LineDelimitedFraming`, for plain JSON-RPC. */
  readonly framing?: Framing | FramingName | undefined;
  /** Frame <-> value. Default `"json"`, a `JsonCodec`. */
  readonly codec?: Codec | CodecName | undefined;
  /** Value <-> message. Default `"json-rpc"`, a `JsonRpcProtocol`. */
  readonly protocol?: Protocol | "json-rpc" | undefined;
  /**
   * The family of JSON-RPC that the other side belongs to: how it cancels, reports progress, says hello and goodbye. Default
   * `jsonRpc`; `lsp`, `mcp` and `acp` are there as well. See docs/dialects.md.
   */
  readonly dialect?: Dialect | undefined;
  /** Milliseconds within which each request must be answered. Absent, 0 and Infinity mean: no limit. */
  readonly timeout?: number | undefined;
  /**
   * Milliseconds that a request waits before `onError` is warned, once, that no message has ever arrived from the other
   * side: it may be no worker, or use another framing or codec. Default 5000; Infinity for never.
   */
  readonly warnAfterMs?: number | undefined;
  /**
   * False: the other side is not told when a request is cancelled or has timed out; an answer that comes later is dropped.
   * For workers that die of a notification which they don't know. Default true.
   */
  readonly sendCancel?: boolean | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /**
   * What a request or a notification does when `limits.maxQueuedBytes` wait to be written: `"fail"` (the default)
   * rejects with `OVERLOADED`; `"wait"` sends it, in order, when there is room. A request's timeout counts from the call
   * in both cases. At most `limits.maxInFlight` requests and as many notifications wait, of these at most
   * `limits.maxQueuedBytes`; more reject. Batches don't wait: they reject while others do.
   */
  readonly whenFull?: "fail" | "wait" | undefined;
  /** Which notification goes when a slow handler has too many waiting. Default `"drop-oldest"`. */
  readonly notificationOverflow?: NotificationOverflow | undefined;
  /** Wrap all that this side says, the first one outermost: retries, validation, tracing. See docs/interceptors.md. */
  readonly interceptors?: readonly RequestInterceptor[] | undefined;
  /** Wrap the handlers of incoming requests, the first one outermost. */
  readonly handlerInterceptors?: readonly HandlerInterceptor[] | undefined;
  /** Gets text that arrived between messages and is none (a stray print). Without it the text goes to stderr. */
  readonly onNoise?: ((text: string) => void) | undefined;
  /**
   * Gets what went wrong and belongs to no request: a handler of notifications that threw, a broken message, an error
   * answer without an id. Without it such errors are printed by `console.error`.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

const FRAMING_NAMES: readonly FramingName[] = ["line-delimited", "length-prefixed", "content-length", "line", "length"];

const framing = layer<Framing | FramingName>("a framing", "such as new LengthPrefixedFraming()", {
  name: "string",
  carriesBinary: "boolean",
  encode: "function",
  decoder: "function",
});
const codec = layer<Codec | CodecName>("a codec", "such as new JsonCodec()", {
  name: "string",
  binary: "boolean",
  encode: "function",
  decode: "function",
});
const protocol = layer<Protocol | "json-rpc">("a protocol", "such as new JsonRpcProtocol()", {
  name: "string",
  bind: "function",
});

const dialect = layer<Dialect>("a dialect", 'such as lsp, from "@procwire/transport"', {
  name: "string",
  framing: "string",
  controls: "object",
  isReserved: "function",
  cancelParams: "function",
  readProgress: "function",
});

export const CHANNEL_OPTIONS: OptionTable<ChannelOptions> = {
  framing: oneOf(FRAMING_NAMES, { expected: "a framing", check: framing }),
  codec: oneOf(["json", "raw"], {
    expected: "a codec",
    check: codec,
    hints: { msgpack: "Write new MessagePackCodec(), from @procwire/codec-msgpack." },
  }),
  protocol: oneOf(["json-rpc"], { expected: "a protocol", check: protocol }),
  dialect,
  timeout: milliseconds,
  warnAfterMs: milliseconds,
  sendCancel: bool,
  limits: optionsOf(LIMITS),
  whenFull: oneOf(["fail", "wait"]),
  notificationOverflow: oneOf(["drop-oldest", "drop-newest"]),
  interceptors: listOf("an array of functions", func("such as (call, next) => next(call)")),
  handlerInterceptors: listOf("an array of functions", func("such as (call, next) => next(call.params)")),
  onNoise: func("that gets text"),
  onError: func("that gets an error"),
};

/** A timeout in milliseconds, 0 for none. */
export function timeoutOf(timeout: number | undefined): number {
  return timeout === undefined || timeout === Infinity ? 0 : timeout;
}

/** Refuses a codec whose bytes the framing can't carry. */
export function assertCompatible(framing: Framing, codec: Codec): void {
  if (!codec.binary || framing.carriesBinary) return;
  throw new ChannelError(
    "ENCODE_FAILED",
    `The codec "${codec.name}" produces bytes that "${framing.name}" framing can't carry: ` +
      "use LengthPrefixedFraming (or ContentLengthFraming) on both sides.",
  );
}
