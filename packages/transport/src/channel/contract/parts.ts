import type { HandlerInterceptor, NotificationOverflow } from "./handlers.js";
import type { Dialect, Goodbye } from "../../dialects/contract.js";
import type { Limits } from "../../limits.js";
import type { Link } from "../../link/contract.js";
import type { Wire } from "../../protocol/contract.js";
import type { RequestInterceptor } from "./interceptors.js";

/** What a channel is made of. Assembled by `createChannel`, `createStdioChannel` and `serveStdio`. */
export interface ChannelParts {
  readonly link: Link;
  readonly wire: Wire;
  readonly dialect: Dialect;
  readonly limits: Limits;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
  /** Whether the other side is told that nobody waits any more. */
  readonly sendsCancel: boolean;
  /** Milliseconds; Infinity for never. */
  readonly warnAfterMs: number;
  /** The framing and the codec, in words for messages. */
  readonly speaks: string;
  readonly whenFull: "fail" | "wait";
  readonly notificationOverflow: NotificationOverflow;
  readonly requestInterceptor: RequestInterceptor | undefined;
  readonly handlerInterceptor: HandlerInterceptor | undefined;
  /** Tells of requests to whoever listens; `undefined` where nobody can. */
  readonly tracer: RequestTracer | undefined;
  readonly onError: (error: unknown) => void;
  /** Gets what the handler of a request has failed with, which its caller hears of as well; `undefined` for nobody. */
  readonly onHandlerError?: ((error: unknown, method: string) => void) | undefined;
  readonly onNoise: (text: string) => unknown;
  /** True on the side that was started to answer: it answers unreadable input too, as JSON-RPC asks of servers. */
  readonly answersUnreadable: boolean;
  /** What is said before the link is closed from this side; `undefined` for nothing. */
  readonly farewell: Farewell | undefined;
  /** The process at the other end, where there is one. */
  readonly pid: number | undefined;
}

/** A goodbye, and how long its answer is waited for. */
export interface Farewell extends Goodbye {
  /** Of the notification. */
  readonly params?: object | undefined;
  /** Milliseconds; Infinity for ever. */
  readonly graceMs: number;
}

/** Publishes the life of requests, when somebody listens. */
export interface RequestTracer {
  readonly hasSubscribers: boolean;
  trace<Result>(call: () => Promise<Result>, context: RequestTrace): Promise<Result>;
}

/** What a subscriber gets to know of what this side says. */
export interface RequestTrace {
  readonly kind: "request" | "stream" | "notification";
  readonly method: string;
  readonly params: object | undefined;
  readonly pid: number | undefined;
}

/** What a channel makes of them: its link may be attached later. */
export type OwnParts = { -readonly [Name in keyof ChannelParts]: ChannelParts[Name] };
