import type { HandlerInterceptor } from "../contract/handlers.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Refusals } from "./refusals.js";
import type { ContextHost } from "./request-context.js";

export interface IncomingOptions {
  readonly maxRunning: number;
  /** Bytes of the requests that are running, and of the unread inputs of one of them. */
  readonly maxBytes: number;
  readonly streamWindow: number;
  readonly interceptor: HandlerInterceptor | undefined;
  readonly onFailure: ((error: unknown, method: string) => void) | undefined;
  readonly refusals: Refusals;
  /** How handlers ask their caller. */
  readonly ask: ContextHost["ask"];
}

export function incomingOptions(parts: ChannelParts, refusals: Refusals, ask: ContextHost["ask"]): IncomingOptions {
  const { limits, handlerInterceptor, onHandlerError } = parts;
  return {
    maxRunning: limits.maxInFlight,
    maxBytes: limits.maxHeldBytes,
    streamWindow: limits.streamWindow,
    interceptor: handlerInterceptor,
    onFailure: onHandlerError,
    refusals,
    ask,
  };
}
