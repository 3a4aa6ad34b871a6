import type { HandlerInterceptor, NotificationOverflow } from "./handlers.js";
import type { Codec } from "../../codec/contract.js";
import { ChannelError } from "../../errors.js";
import type { Framing } from "../../framing/contract.js";
import type { Limits } from "../../limits.js";
import type { Protocol } from "../../protocol/contract.js";
import type { RequestInterceptor } from "./interceptors.js";
import { nameOf } from "./name-of.js";

/** What every channel can be told, however its link came to be. */
export interface ChannelOptions {
  /** Bytes <-> frames. Default `LineDelimitedFraming`. */
  readonly framing?: Framing;
  /** Frame <-> value. Default `JsonCodec`. */
  readonly codec?: Codec;
  /** Value <-> message. Default `JsonRpcProtocol`. */
  readonly protocol?: Protocol;
  /** Milliseconds within which each request must be answered. Absent, 0 and Infinity mean: no limit. */
  readonly timeout?: number;
  readonly limits?: Partial<Limits>;
  /**
   * What a request or a notification does when `limits.maxQueuedBytes` wait to be written: `"fail"` (the default)
   * rejects with `OVERLOADED`; `"wait"` sends it, in order, when there is room. A request's timeout counts from the call
   * in both cases. At most `limits.maxInFlight` requests and as many notifications wait, of these at most
   * `limits.maxQueuedBytes`; more reject. Batches don't wait: they reject while others do.
   */
  readonly whenFull?: "fail" | "wait";
  /** Which notification goes when a slow handler has too many waiting. Default `"drop-oldest"`. */
  readonly notificationOverflow?: NotificationOverflow;
  /** Wrap all that this side says, the first one outermost: retries, validation, tracing. See docs/interceptors.md. */
  readonly interceptors?: readonly RequestInterceptor[];
  /** Wrap the handlers of incoming requests, the first one outermost. */
  readonly handlerInterceptors?: readonly HandlerInterceptor[];
  /** Gets text that arrived between messages and is none (a stray print). Without it the text goes to stderr. */
  readonly onNoise?: (text: string) => void;
  /**
   * Gets what went wrong and belongs to no request: a handler of notifications that threw, a broken message, an error
   * answer without an id. Without it such errors are printed by `console.error`.
   */
  readonly onError?: (error: unknown) => void;
}

/** The timeout in milliseconds, 0 for none. Throws a `RangeError` for what is no number, negative, or NaN. */
export function resolveTimeout(timeout: number | undefined): number {
  if (timeout === undefined || timeout === Infinity) return 0;
  if (typeof timeout === "number" && timeout >= 0) return timeout;
  throw new RangeError(`timeout must be a number of milliseconds >= 0, not ${nameOf(timeout)}`);
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
