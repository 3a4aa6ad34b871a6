import { ChannelError, RpcError } from "../errors.js";
import type { FrameDecoder } from "../framing/contract.js";
import type {
  ErrorMessage,
  ErrorObject,
  InvalidMessage,
  Message,
  NotificationMessage,
  RequestId,
  ResponseMessage,
} from "../protocol/contract.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import type { ChannelParts } from "./parts.js";
import type { Dispatcher } from "./dispatcher.js";
import { NoiseBudget } from "./noise.js";
import type { Notifications } from "./notifications.js";
import type { PendingRequest } from "./pending.js";

/** What the receiver may do to the channel. */
export interface Routes {
  readonly dispatcher: Dispatcher;
  readonly notifications: Notifications;
  readonly peekRequest: (id: RequestId) => PendingRequest | undefined;
  readonly takeRequest: (id: RequestId) => PendingRequest | undefined;
  readonly sendError: (id: RequestId, error: ErrorObject) => void;
  readonly end: (cause: ChannelError) => void;
}

/**
 * The way in: chunk, frame, message, and to whom it belongs. Each message is routed once, at once, in order of arrival;
 * nothing here waits.
 */
export class Receiver {
  readonly #parts: ChannelParts;
  readonly #routes: Routes;
  readonly #decoder: FrameDecoder;
  readonly #noise: NoiseBudget;
  #isStopped = false;

  constructor(parts: ChannelParts, routes: Routes) {
    this.#parts = parts;
    this.#routes = routes;
    this.#decoder = parts.framing.decoder(parts.limits.maxMessageBytes);
    this.#noise = new NoiseBudget(parts.limits.maxNoiseBytesPerMinute);
  }

  receive(chunk: Uint8Array): void {
    const decoder = this.#decoder;
    try {
      decoder.push(chunk);
      // A handler may end the channel in the middle of a chunk.
      while (!this.#isStopped) {
        const status = decoder.next();
        if (status === "frame") this.#frame(decoder.bytes, decoder.start, decoder.end);
        else if (status === "oversized") this.#oversized();
        else return;
      }
    } catch (error) {
      this.#routes.end(asMalformed(error));
    }
  }

  /** Nothing more will arrive; says so when that cut a frame in two. */
  inputEnded(): void {
    const lost = this.#decoder.unfinishedBytes();
    if (this.#isStopped || lost === 0) return;
    this.#parts.onError(
      new ChannelError("MESSAGE_MALFORMED", `The input ended inside a message: ${lost} bytes are lost.`),
    );
  }

  /** The channel has ended: whatever still arrives is dropped. */
  stop(): void {
    this.#isStopped = true;
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    let message: Message;
    try {
      message = this.#parts.wire.decode(bytes, start, end);
    } catch (error) {
      this.#unreadable(bytes.subarray(start, end), error);
      return;
    }
    this.#route(message);
  }

  #route(message: Message): void {
    switch (message.kind) {
      case "response":
        this.#response(message);
        break;
      case "notification":
        this.#notification(message);
        break;
      case "request":
        this.#routes.dispatcher.receive(message);
        break;
      case "error":
        this.#error(message);
        break;
      case "invalid":
        this.#invalid(message);
        break;
    }
  }

  /** An answer to nothing that is waiting is late or forged; both are dropped, and never answered. */
  #response(message: ResponseMessage): void {
    this.#routes.takeRequest(message.id)?.resolve(message.result);
  }

  #error(message: ErrorMessage): void {
    const { code, message: text, data } = message.error;
    const request = this.#routes.takeRequest(message.id);
    if (request !== undefined) request.reject(new RpcError(code, text, { data, method: request.method }));
    else if (message.id === null)
      this.#parts.onError(new RpcError(code, `The other side could not read a message: ${text}`, { data }));
  }

  #notification(message: NotificationMessage): void {
    if (message.method === "$/cancelRequest") this.#routes.dispatcher.cancel(idOf(message.params, "id"));
    else if (message.method === "$/progress") this.#progress(message);
    else this.#routes.notifications.deliver(message);
  }

  #progress(message: NotificationMessage): void {
    const request = this.#routes.peekRequest(idOf(message.params, "token"));
    if (request?.onProgress === undefined) return;
    try {
      request.onProgress((message.params as { readonly value?: unknown }).value);
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  /** A whole value that is no message: told to the request it was meant for, or answered, or reported. */
  #invalid(message: InvalidMessage): void {
    const error = new ChannelError(
      "MESSAGE_MALFORMED",
      `The other side sent a value that is no message: ${message.reason}.`,
    );
    const request = message.isAnswer && message.id !== undefined ? this.#routes.takeRequest(message.id) : undefined;
    if (request !== undefined) {
      const text = `${request.method}: the answer is not valid: ${message.reason}.`;
      request.reject(new ChannelError("MESSAGE_MALFORMED", text, { method: request.method, delivery: "unknown" }));
      return;
    }
    if (!message.isAnswer && (message.id !== undefined || this.#parts.answersUnreadable)) {
      const text = `Invalid request: ${message.reason}`;
      this.#routes.sendError(message.id ?? null, { code: JsonRpcErrorCode.invalidRequest, message: text });
    }
    this.#parts.onError(error);
  }

  /** A frame that the codec can't read: a stray print where lines are text, else a broken message. */
  #unreadable(frame: Uint8Array, cause: unknown): void {
    if (this.#parts.answersUnreadable) {
      this.#routes.sendError(null, { code: JsonRpcErrorCode.parseError, message: `Parse error: ${reasonOf(cause)}` });
      return;
    }
    if (!this.#noise.spend(frame.length, performance.now())) {
      const text = "The other side printed too much that is no message (limits.maxNoiseBytesPerMinute).";
      this.#routes.end(new ChannelError("FRAME_MALFORMED", text, { cause }));
    } else if (this.#parts.framing.carriesBinary) {
      this.#parts.onError(
        new ChannelError("MESSAGE_MALFORMED", `A message can't be read: ${reasonOf(cause)}`, { cause }),
      );
    } else {
      this.#printed(new TextDecoder().decode(frame));
    }
  }

  #printed(text: string): void {
    try {
      this.#parts.onNoise(text);
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  /**
   * A frame above the limit was skipped. If it was an answer, its request would wait for ever: it is told when the
   * frame's beginning says whose it was, and else the channel ends, because any request could be the one.
   */
  #oversized(): void {
    const { bytes, start, end, skippedBytes } = this.#decoder;
    const limit = this.#parts.limits.maxMessageBytes;
    const text = `a message of ${skippedBytes} bytes arrived; limits.maxMessageBytes is ${limit}`;
    const head = this.#parts.wire.peek(bytes.subarray(start, end));
    if (head === undefined) {
      this.#routes.end(
        new ChannelError("MESSAGE_TOO_LARGE", `The channel ended: ${text}, and it can't be told whose it was.`),
      );
      return;
    }
    const request = head.isAnswer && head.id !== undefined ? this.#routes.takeRequest(head.id) : undefined;
    if (request !== undefined) {
      const details = { method: request.method, delivery: "unknown" } as const;
      request.reject(new ChannelError("MESSAGE_TOO_LARGE", `${request.method}: ${text}.`, details));
      return;
    }
    if (!head.isAnswer && head.id !== undefined) {
      this.#routes.sendError(head.id, { code: JsonRpcErrorCode.invalidRequest, message: `Invalid request: ${text}` });
    }
    this.#parts.onError(new ChannelError("MESSAGE_TOO_LARGE", `Skipped: ${text}.`));
  }
}

function idOf(params: unknown, name: "id" | "token"): RequestId {
  const id = typeof params === "object" && params !== null ? (params as Record<string, unknown>)[name] : null;
  return typeof id === "number" || typeof id === "string" ? id : null;
}

function asMalformed(error: unknown): ChannelError {
  if (error instanceof ChannelError) return error;
  return new ChannelError("FRAME_MALFORMED", `The input can't be read any further: ${reasonOf(error)}`, {
    cause: error,
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
