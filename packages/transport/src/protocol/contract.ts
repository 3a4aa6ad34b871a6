/** Protocol: value <-> request, response, notification. Synchronous, without timers and I/O. */

import type { Codec } from "../codec/contract.js";
import type { Dialect } from "../dialects/contract.js";
import type { Payload } from "../framing/contract.js";

/** A numeric id whose digits JavaScript's numbers would not give back, such as 1.0 or one beyond 2^53. */
export class ExactId {
  /** The id as it was on the wire. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  /** Inside of params it goes by its value. */
  toJSON(): number {
    return Number(this.text);
  }
}

/** Identifies a request to whoever sent it, and is echoed as it came. JSON-RPC allows null, and discourages it. */
export type RequestId = number | string | bigint | null | ExactId;

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
  /**
   * True when it looks like an answer: an answer is never answered. `"if awaited"` for an id and nothing else: the answer
   * to a request that waits, which has lost its result, or else a call that has lost its method.
   */
  readonly isAnswer: boolean | "if awaited";
  /** True when it does not even claim to be a message: a print that happens to be a value. */
  readonly isStray: boolean;
  /** What the answer says besides the reason. */
  readonly data?: object;
}

/** A message that is valid, and holds a value that would arrive altered. */
export interface UndecodableMessage {
  readonly kind: "undecodable";
  /** With the altered value: who waits for it must not get that. */
  readonly message: RequestMessage | NotificationMessage | ResponseMessage | ErrorMessage;
  /** Names the value, and where it stands in the message. */
  readonly reason: string;
}

/** Several messages in one frame; none of them is a batch itself. */
export interface BatchMessage {
  readonly kind: "batch";
  readonly messages: readonly SingleMessage[];
}

export type SingleMessage =
  RequestMessage | NotificationMessage | ResponseMessage | ErrorMessage | InvalidMessage | UndecodableMessage;
export type Message = SingleMessage | BatchMessage;

/** Params of a notification about a request: its id, or a token that is its id, and whatever else there is to say. */
export interface AboutRequest {
  readonly id?: RequestId;
  readonly token?: RequestId;
  readonly [name: string]: unknown;
}

/** A protocol bound to a codec: what a channel speaks. Encoding throws what the codec throws. */
export interface Wire {
  request(id: number, method: string, params: unknown): Payload;
  notification(method: string, params: unknown): Payload;
  /** A notification of the protocol's own; the id in its params goes as it came. */
  control(method: string, params: AboutRequest): Payload;
  result(id: RequestId, result: unknown): Payload;
  error(id: RequestId, error: ErrorObject): Payload;
  /** One payload that holds several messages made by this wire. */
  join(payloads: readonly Payload[]): Payload;
  /** Throws what the codec throws when the frame holds no value; a value that is no message is `"invalid"`. */
  decode(bytes: Uint8Array, start: number, end: number): Message;
  /** Whose a message is, told from its first bytes alone; `undefined` when they don't say. */
  peek(head: Uint8Array): MessageHead | undefined;
  /**
   * Tells messages from the stray text that they are glued to; a frame that holds none comes back as one text. What
   * begins as a message and can't be read is `"invalid"`: nothing inside of it counts as a message of its own.
   */
  salvage(frame: Uint8Array): (Message | string)[];
  /** The same for another channel: of a protocol whose wires keep something of what was said. Absent where they keep nothing. */
  anew?(): Wire;
}

export interface MessageHead {
  /** `undefined` for a notification. */
  readonly id: RequestId | undefined;
  /** `undefined` where the message ends before it says. */
  readonly isAnswer: boolean | undefined;
}

export interface Protocol {
  /** A short name for messages and logs, such as `"json-rpc"`. */
  readonly name: string;
  /**
   * @param maxBatchSize the most messages a received batch may have
   * @param dialect whose notifications are about requests, so that ids in them are kept exact; default plain JSON-RPC
   */
  bind(codec: Codec, maxBatchSize: number, dialect?: Dialect): Wire;
}
