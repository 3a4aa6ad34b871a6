/**
 * Errors. Two kinds, told apart by class: `RpcError` is an answer that the other side gave; `ChannelError` is
 * everything that went wrong on this side of the wire or between the sides. Both classes recognise instances made by
 * another copy of this package.
 */

import { nameOf } from "./checks/name-of.js";
import { assertKnown, type OptionTable } from "./checks/options.js";

/** Why a `ChannelError` was raised. The list is closed: a `switch` over it can be exhaustive. */
export type ChannelErrorCode =
  /** The worker could not be started: the command is missing, not executable, or its folder does not exist. */
  | "SPAWN_FAILED"
  /** The worker's process ended; see `exitCode`, `signal` and `stderr`. */
  | "WORKER_EXITED"
  /** The channel was closed, here or by the other side, before this could be done. */
  | "CHANNEL_CLOSED"
  /** No answer arrived within the `timeout`. */
  | "TIMEOUT"
  /** The request was cancelled without an `AbortSignal` that could have given its own reason. */
  | "CANCELLED"
  /** A limit was reached: on requests in flight, on bytes waiting to be sent, on a stream's items waiting to be read. */
  | "OVERLOADED"
  /** A message is larger than `limits.maxMessageBytes`. */
  | "MESSAGE_TOO_LARGE"
  /** The boundary between two messages cannot be found any more; the channel has ended. */
  | "FRAME_MALFORMED"
  /** A whole message arrived that is not valid; the channel lives on. */
  | "MESSAGE_MALFORMED"
  /** A valid message holds a value that would arrive altered, such as an integer beyond 2^53; the channel lives on. */
  | "DECODE_FAILED"
  /** A value cannot be expressed by the codec. */
  | "ENCODE_FAILED"
  /** A connection could not be made, or was refused; or a service can't have its name, path or port. */
  | "CONNECT_FAILED"
  /** The worker ended more often than its restart budget allows; see `history`. The channel has ended. */
  | "RESTARTS_EXHAUSTED"
  /** The request was in flight when a worker died, twice: it is not sent to a third one. */
  | "QUARANTINED"
  /** The circuit breaker refuses calls for a while, because too many have failed; see `retryAfterMs`. */
  | "CIRCUIT_OPEN";

/** Whether a failed request can have been executed: `"not-sent"` is safe to send again. */
export type Delivery = "not-sent" | "unknown";

/** What a `ChannelError` can carry beside its code and message. */
export interface ChannelErrorDetails {
  /** The error or value that caused this one. */
  readonly cause?: unknown;
  /** The method of the request that failed. */
  readonly method?: string | undefined;
  /** Whether the request can have been executed. */
  readonly delivery?: Delivery | undefined;
  /** The worker's exit code; `null` when a signal ended it. */
  readonly exitCode?: number | null | undefined;
  /** The signal that ended the worker, such as `"SIGKILL"`; `null` when it exited by itself. */
  readonly signal?: string | null | undefined;
  /** The last part of what the worker wrote to stderr (at most `limits.stderrTailBytes`). */
  readonly stderr?: string | undefined;
  /** How many items of a stream were delivered before it failed. */
  readonly itemsDelivered?: number | undefined;
  /** How long the circuit breaker goes on refusing calls, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Why each of the last workers ended, the oldest first. */
  readonly history?: readonly PastExit[] | undefined;
}

/** How one life of a worker ended. */
export interface PastExit {
  /** When, as `Date.now()` has it. */
  readonly at: number;
  readonly code: ChannelErrorCode;
  readonly message: string;
  readonly exitCode: number | null | undefined;
  readonly signal: string | null | undefined;
}

const CHANNEL_ERROR = Symbol.for("procwire.ChannelError");
const RPC_ERROR = Symbol.for("procwire.RpcError");

/** Never throws: a proxy may refuse to be looked at. */
function isBranded(value: unknown, brand: symbol): boolean {
  try {
    return typeof value === "object" && value !== null && brand in value;
  } catch {
    return false;
  }
}

/** Whether it is the class itself. A class that mentioned itself would get another name from bundlers, for all stacks to show. */
function hasBrand(type: { readonly prototype: unknown }, brand: symbol): boolean {
  return Object.hasOwn(type.prototype as object, brand);
}

/** A failure on this side of the wire, or of the wire itself. */
export class ChannelError extends Error {
  override readonly name: string = "ChannelError";
  readonly code: ChannelErrorCode;
  readonly method: string | undefined;
  readonly delivery: Delivery | undefined;
  readonly exitCode: number | null | undefined;
  readonly signal: string | null | undefined;
  readonly stderr: string | undefined;
  readonly itemsDelivered: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly history: readonly PastExit[] | undefined;

  constructor(code: ChannelErrorCode, message: string, details: ChannelErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.method = details.method;
    this.delivery = details.delivery;
    this.exitCode = details.exitCode;
    this.signal = details.signal;
    this.stderr = details.stderr;
    this.itemsDelivered = details.itemsDelivered;
    this.retryAfterMs = details.retryAfterMs;
    this.history = details.history;
  }

  /** True for an instance made by any copy of this package; of a subclass, for its own instances only. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this, CHANNEL_ERROR) ? isBranded(value, CHANNEL_ERROR) : super[Symbol.hasInstance](value);
  }
}
Object.defineProperty(ChannelError.prototype, CHANNEL_ERROR, { value: true });

/** What an `RpcError` can carry beside its code and message. */
export interface RpcErrorDetails {
  /** Any value that explains the error further; travels with it. */
  readonly data?: unknown;
  /** The method that answered with this error; set on the caller's side. */
  readonly method?: string | undefined;
  readonly cause?: unknown;
}

const anything = (value: unknown): never => value as never;

export const RPC_ERROR_DETAILS: OptionTable<RpcErrorDetails> = { data: anything, method: anything, cause: anything };

/**
 * An error answer from the other side. Throw one in a handler to choose the code that the caller sees.
 *
 * `code` is the JSON-RPC code: -32700 parse error, -32600 invalid request, -32601 method not found, -32602 invalid
 * params, -32603 internal error, -32000 busy, -32001 deadline exceeded, -32800 cancelled; applications choose theirs outside -32768..-32000.
 */
export class RpcError extends Error {
  override readonly name: string = "RpcError";
  readonly code: number;
  readonly data: unknown;
  readonly method: string | undefined;

  /**
   * Throws a `TypeError` when the code is no whole number (within +-(2^53 - 1)), the message no string, or the details
   * have another member.
   */
  constructor(code: number, message: string, details: RpcErrorDetails = {}) {
    if (!Number.isSafeInteger(code))
      throw new TypeError(`RpcError: the code must be a whole number, not ${nameOf(code)}.`);
    if (typeof message !== "string") {
      throw new TypeError(`RpcError: the message must be a string, not ${nameOf(message)}.`);
    }
    assertDetails(details);
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.data = details.data;
    this.method = details.method;
  }

  /** True for an instance made by any copy of this package; of a subclass, for its own instances only. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return hasBrand(this, RPC_ERROR) ? isBranded(value, RPC_ERROR) : super[Symbol.hasInstance](value);
  }
}

/** What is not an object has no members that could get lost in silence, but itself. */
function assertDetails(details: unknown): asserts details is object {
  if (typeof details !== "object" || details === null) {
    throw new TypeError(`RpcError: the details must be an object, such as { data }, not ${nameOf(details)}.`);
  }
  assertKnown(details, RPC_ERROR_DETAILS, { where: "RpcError", name: "" });
}
Object.defineProperty(RpcError.prototype, RPC_ERROR, { value: true });

/** What an error, or anything else that was thrown, says of itself. Never throws. */
export function reasonOf(thrown: unknown): string {
  try {
    const reason: unknown = thrown instanceof Error ? thrown.message : String(thrown);
    if (typeof reason === "string") return reason;
  } catch {
    // It can't even be looked at.
  }
  return "something was thrown that can't be shown";
}
