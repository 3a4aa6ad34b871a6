import { ChannelError, RpcError } from "../../errors.js";
import type { FrameDecoder } from "../../framing/contract.js";
import type {
  BatchMessage,
  ErrorMessage,
  InvalidMessage,
  Message,
  NotificationMessage,
  ResponseMessage,
} from "../../protocol/contract.js";
import { JsonRpcErrorCode } from "../../protocol/error-codes.js";
import { asMalformed } from "../records/errors.js";
import { keyOf } from "../records/id-key.js";
import { receiveControl } from "./control.js";
import { Noise } from "./noise.js";
import { reasonOf } from "../contract/outcome.js";
import type { ChannelParts } from "../contract/parts.js";
import type { PendingRequest } from "../outgoing/pending.js";
import { BatchReply, type Reply } from "../incoming/replies.js";
import type { Routes } from "./routes.js";
import { receiveUndecodable } from "./undecodable.js";
import { isStray, judged } from "./verdicts.js";

/**
 * The way in: chunk, frame, message, and to whom it belongs. Each message is routed once, at once, in order of arrival;
 * nothing here waits.
 */
export class Receiver {
  readonly #parts: ChannelParts;
  readonly #routes: Routes;
  readonly #decoder: FrameDecoder;
  readonly #noise: Noise;
  #isStopped = false;
  /** The size of the frame that is being handled. Each message of a batch counts as the whole of it. */
  #frameBytes = 0;

  constructor(parts: ChannelParts, routes: Routes) {
    this.#parts = parts;
    this.#routes = routes;
    this.#decoder = parts.framing.decoder(parts.limits.maxMessageBytes);
    this.#noise = new Noise(parts, routes.counters, routes.end);
  }

  receive(chunk: Uint8Array): void {
    const { clock, counters } = this.#routes;
    const decoder = this.#decoder;
    clock.refresh();
    counters.bytesReceived += chunk.length;
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

  /** A print that came beside the messages. */
  printed(line: string): void {
    this.#noise.harmless(line);
  }

  /** Nothing more will arrive; says so when that cut a frame in two. */
  inputEnded(): void {
    const lost = this.#decoder.unfinishedBytes();
    if (this.#isStopped || lost === 0) return;
    const text = `The input ended inside a message: ${lost} bytes are lost.`;
    this.#parts.onError(new ChannelError("MESSAGE_MALFORMED", text));
  }

  /** The channel has ended: whatever still arrives is dropped. */
  stop(): void {
    this.#isStopped = true;
  }

  #frame(bytes: Uint8Array, start: number, end: number): void {
    let message: Message;
    this.#frameBytes = end - start;
    try {
      message = this.#parts.wire.decode(bytes, start, end);
    } catch (error) {
      this.#unreadable(bytes.subarray(start, end), error);
      return;
    }
    if (isStray(message) && this.#takesPrints())
      this.#noise.printed(new TextDecoder().decode(bytes.subarray(start, end)));
    else this.#route(message, this.#routes.sender, this.#frameBytes);
  }

  /** Whether what is no message counts as a stray print, and not as a broken message. */
  #takesPrints(): boolean {
    return !this.#parts.answersUnreadable && !this.#parts.framing.carriesBinary;
  }

  /** @param held what a request counts as while it runs */
  #route(message: Message, reply: Reply, held: number): void {
    switch (message.kind) {
      case "response":
        this.#response(message);
        break;
      case "notification":
        this.#notification(message);
        break;
      case "request":
        this.#routes.counters.requestsReceived += 1;
        this.#routes.incoming.receive(message, reply, held);
        break;
      case "error":
        this.#error(message);
        break;
      case "batch":
        this.#batch(message);
        break;
      case "undecodable":
        receiveUndecodable(message, reply, this.#routes, this.#parts.onError);
        break;
      case "invalid":
        this.#invalid(this.#judged(message), reply);
        break;
    }
  }

  #response(message: ResponseMessage): void {
    const { outgoing, counters } = this.#routes;
    const request = outgoing.take(message.id);
    if (request === undefined) {
      counters.answersIgnored += 1;
      return;
    }
    counters.succeeded += 1;
    outgoing.answered(request);
    request.resolve(message.result);
  }

  #error(message: ErrorMessage): void {
    const { outgoing, counters } = this.#routes;
    const { code, message: text, data } = message.error;
    const request = outgoing.take(message.id);
    if (request !== undefined) {
      counters.refused += 1;
      outgoing.answered(request);
      request.reject(new RpcError(code, text, { data, method: request.method }));
    } else if (message.id !== null) {
      counters.answersIgnored += 1;
    } else if (!this.#refuseArrays(({ method }) => new RpcError(code, text, { data, method }))) {
      this.#parts.onError(new RpcError(code, `The other side could not read a message: ${text}`, { data }));
    }
  }

  /** The other side did not take a batch, and can't say whose it was. False when there is none that it can have been. */
  #refuseArrays(reasonFor: (request: PendingRequest) => unknown): boolean {
    const { outgoing, counters } = this.#routes;
    const refused = outgoing.takeUnansweredArrays();
    counters.refused += refused.length;
    for (const request of refused) request.reject(reasonFor(request));
    return refused.length > 0;
  }

  #notification(message: NotificationMessage): void {
    if (this.#parts.dialect.isReserved(message.method)) {
      const control = this.#routes.controls.get(message.method);
      receiveControl(message, control, this.#frameBytes, this.#routes, this.#parts.onError);
      return;
    }
    this.#routes.counters.notificationsReceived += 1;
    this.#routes.notifications.deliver(message, this.#frameBytes);
  }

  #batch(batch: BatchMessage): void {
    // Before any of them is handled: the first of two answers to one request would make the second a call.
    const messages = batch.messages.map((message) => (message.kind === "invalid" ? this.#judged(message) : message));
    const wantAnswer = messages.filter((message) => this.#wantsAnswer(message)).length;
    const { incoming, sender } = this.#routes;
    const bytes = this.#frameBytes;
    // Without room for it each of its requests is refused.
    const isHeld = wantAnswer > 0 && incoming.hold(bytes);
    const reply = new BatchReply(sender, wantAnswer, () => {
      if (isHeld) incoming.release(bytes);
    });
    for (const message of messages) {
      // A handler may end the channel in the middle of a batch as well.
      if (this.#isStopped) return;
      this.#route(message, reply, isHeld ? 0 : bytes);
    }
  }

  #wantsAnswer(message: Message): boolean {
    if (message.kind === "invalid") return this.#mayAnswer(message);
    return (message.kind === "undecodable" ? message.message : message).kind === "request";
  }

  #judged(message: InvalidMessage): InvalidMessage {
    return judged(message, this.#parts.answersUnreadable, this.#routes.outgoing);
  }

  /** An answer is never answered; what can't be told whose it is, only by the side that serves. */
  #mayAnswer(message: InvalidMessage): boolean {
    return message.isAnswer === false && (message.id !== undefined || this.#parts.answersUnreadable);
  }

  /** A whole value that is no message: told to the request it was meant for, or answered, or reported. */
  #invalid(message: InvalidMessage, reply: Reply): void {
    const { outgoing, counters } = this.#routes;
    counters.malformed += 1;
    const id = message.isAnswer === false ? undefined : message.id;
    const request = id === undefined ? undefined : outgoing.take(keyOf(id));
    if (request !== undefined) {
      const text = `${request.method}: the answer is not valid: ${message.reason}.`;
      const details = { method: request.method, delivery: "unknown" } as const;
      outgoing.fail(request, new ChannelError("MESSAGE_MALFORMED", text, details));
      return;
    }
    if (this.#mayAnswer(message)) {
      const text = `Invalid request: ${message.reason}`;
      reply.error(message.id ?? null, { code: JsonRpcErrorCode.invalidRequest, message: text });
    }
    const text = `The other side sent a value that is no message: ${message.reason}.`;
    this.#parts.onError(new ChannelError("MESSAGE_MALFORMED", text));
  }

  /** A frame that the codec can't read: a stray print with a message glued to it, a broken answer, a print. */
  #unreadable(frame: Uint8Array, cause: unknown): void {
    const { outgoing, sender, counters } = this.#routes;
    if (this.#takesPrints() && this.#salvage(frame)) return;
    const reason = reasonOf(cause);
    const head = this.#parts.wire.peek(frame);
    const request = head?.isAnswer === true && head.id !== undefined ? outgoing.take(head.id) : undefined;
    if (request !== undefined) {
      const details = { cause, method: request.method, delivery: "unknown" } as const;
      const text = `${request.method}: the answer can't be read: ${reason}`;
      outgoing.fail(request, new ChannelError("MESSAGE_MALFORMED", text, details));
    } else if (this.#parts.answersUnreadable) {
      const error = { code: JsonRpcErrorCode.parseError, message: `Parse error: ${reason}` };
      if (head?.isAnswer !== true) sender.error(head?.id ?? null, error);
    } else if (this.#takesPrints()) {
      this.#noise.printed(new TextDecoder().decode(frame));
      return;
    } else {
      this.#parts.onError(new ChannelError("MESSAGE_MALFORMED", `A message can't be read: ${reason}`, { cause }));
    }
    counters.malformed += 1;
  }

  /** A print without a newline may have messages glued to it: they are routed, and the print is told from them. */
  #salvage(frame: Uint8Array): boolean {
    const pieces = this.#parts.wire.salvage(frame);
    if (pieces.every((piece) => typeof piece === "string")) return false;
    for (const piece of pieces) {
      if (this.#isStopped) return true;
      if (typeof piece === "string") this.#noise.printed(piece);
      else this.#route(piece, this.#routes.sender, this.#frameBytes);
    }
    return true;
  }

  /**
   * A frame above the limit was skipped. If it was an answer, its request would wait for ever: it is told when the
   * frame's beginning says whose it was, and else the channel ends, because any request could be the one.
   */
  #oversized(): void {
    const { outgoing, sender, end } = this.#routes;
    const { bytes, start, end: until, skippedBytes } = this.#decoder;
    const limit = this.#parts.limits.maxMessageBytes;
    const text = `a message of ${skippedBytes} bytes arrived; limits.maxMessageBytes is ${limit}`;
    this.#routes.counters.malformed += 1;
    const head = this.#parts.wire.peek(bytes.subarray(start, until));
    const isTold = head?.isAnswer === false || (head?.isAnswer === true && head.id !== undefined);
    if (!isTold && this.#parts.answersUnreadable) {
      if (head?.isAnswer === true) return;
      sender.error(head?.id ?? null, { code: JsonRpcErrorCode.invalidRequest, message: `Invalid request: ${text}` });
      return;
    }
    if (!isTold) {
      const reason = `The channel ended: ${text}, and it can't be told whose it was.`;
      end(new ChannelError("MESSAGE_TOO_LARGE", reason));
      return;
    }
    const request = head.isAnswer && head.id !== undefined ? outgoing.take(head.id) : undefined;
    if (request !== undefined) {
      const details = { method: request.method, delivery: "unknown" } as const;
      outgoing.fail(request, new ChannelError("MESSAGE_TOO_LARGE", `${request.method}: ${text}.`, details));
      return;
    }
    if (!head.isAnswer && head.id !== undefined) {
      sender.error(head.id, { code: JsonRpcErrorCode.invalidRequest, message: `Invalid request: ${text}` });
    }
    this.#parts.onError(new ChannelError("MESSAGE_TOO_LARGE", `Skipped: ${text}.`));
  }
}
