/** Protocol: value <-> request, response, notification. Synchronous, without timers and I/O. */

import type { Codec } from "../codec/contract.js";
import type { Payload } from "../framing/contract.js";

/** Identifies a request to whoever sent it. JSON-RPC allows null, and discourages it. */
export type RequestId = number | string | null;

export interface ErrorObject {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface RequestMessage {
  readonly kind: "request";
  readonly id: RequestId;
  readonly method: string;
  readonly params: unknown;
  /** The message as it was on the wire. */
  readonly raw: unknown;
}

export interface NotificationMessage {
  readonly kind: "notification";
  readonly method: string;
  readonly params: unknown;
  /** The message as it was on the wire. */
  readonly raw: unknown;
}

export interface ResponseMessage {
  readonly kind: "response";
  readonly id: RequestId;
  readonly result: unknown;
}

export interface ErrorMessage {
  readonly kind: "error";
  /** `null` when the other side could not tell which request it is about. */
  readonly id: RequestId;
  readonly error: ErrorObject;
}

/** A whole value that is not a message. `id` is there when it can be told whose it was. */
export interface InvalidMessage {
  readonly kind: "invalid";
  readonly reason: string;
  readonly id: RequestId | undefined;
  /** True when it looks like an answer: an answer is never answered. */
  readonly isAnswer: boolean;
}

export type Message = RequestMessage | NotificationMessage | ResponseMessage | ErrorMessage | InvalidMessage;

/** A protocol bound to a codec: what a channel speaks. Encoding throws what the codec throws. */
export interface Wire {
  request(id: number, method: string, params: unknown): Payload;
  notification(method: string, params: unknown): Payload;
  result(id: RequestId, result: unknown): Payload;
  error(id: RequestId, error: ErrorObject): Payload;
  /** Throws what the codec throws when the frame holds no value; a value that is no message is `"invalid"`. */
  decode(bytes: Uint8Array, start: number, end: number): Message;
  /** Whose a message is, told from its first bytes alone; `undefined` when they don't say. */
  peek(head: Uint8Array): MessageHead | undefined;
}

export interface MessageHead {
  /** `undefined` for a notification. */
  readonly id: RequestId | undefined;
  readonly isAnswer: boolean;
}

export interface Protocol {
  /** A short name for messages and logs, such as `"json-rpc"`. */
  readonly name: string;
  bind(codec: Codec): Wire;
}
