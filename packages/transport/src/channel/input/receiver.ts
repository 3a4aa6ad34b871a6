import { ChannelError, reasonOf, RpcError } from "../../errors.js";
import type { LinkReceiver } from "../../link/contract.js";
import type {
  BatchMessage,
  ErrorMessage,
  InvalidMessage,
  Message,
  NotificationMessage,
  ResponseMessage,
} from "../../protocol/contract.js";
import { asMalformed, explainEnd } from "../records/errors.js";
import { receiveControl } from "./control.js";
import { Noise } from "./noise.js";
import type { ChannelParts } from "../contract/parts.js";
import type { PendingRequest } from "../outgoing/pending.js";
import { rejectTraced } from "../outgoing/reject-traced.js";
import { BatchReply, type Reply } from "../incoming/replies.js";
import type { Routes } from "./routes.js";
import { isAnswered, receiveMisfit, type Misfit } from "./misfits.js";
import { receiveUndecodable } from "./undecodable.js";
import { isStray, judged } from "./verdicts.js";

/** So much of a frame is looked at to tell whose it is. */
const HEAD_BYTES = 1024;

/**
 * The way in: frame, message, and to whom it belongs. Each message is routed once, at once, in order of arrival;
 * nothing here waits.
 */
export class Receiver implements LinkReceiver {
  readonly #parts: ChannelParts;
  readonly #routes: Routes;
  readonly #noise: Noise;
  #isStopped = false;
  #isGone = false;
  /** Who hears what still arrives after the end. */
  #heir: Pick<LinkReceiver, "frame" | "end"> | undefined;
  /** The size of the frame that is being handled. Each message of a batch counts as the whole of it. */
  #frameBytes = 0;

  constructor(parts: ChannelParts, routes: Routes) {
    this.#parts = parts;
    this.#routes = routes;
    this.#noise = new Noise(parts, routes.counters, routes.end);
  }

  arrived(bytes: number): void {
    this.#routes.clock.refresh();
    this.#routes.counters.bytesReceived += bytes;
  }

  frame(bytes: Uint8Array, start: number, end: number): void {
    // A handler may have ended the channel.
    if (this.#isStopped) {
      this.#heir?.frame(bytes, start, end);
      return;
    }
    try {
      if (end - start <= this.#parts.limits.maxMessageBytes) this.#frame(bytes, start, end);
      else this.#oversized(bytes.subarray(start, start + HEAD_BYTES), end - start);
    } catch (error) {
      this.#routes.end(asMalformed(error));
    }
  }

  oversized(head: Uint8Array, bytes: number): void {
    if (this.#isStopped) return;
    try {
      this.#oversized(head, bytes);
    } catch (error) {
      this.#routes.end(asMalformed(error));
    }
  }

  /** A print that came beside the messages. */
  noise(line: string): void {
    this.#noise.harmless(line);
  }

  cut(bytes: number): void {
    if (this.#isStopped) return;
    const text = `The input ended inside a message: ${bytes} bytes are lost.`;
    this.#parts.onError(new ChannelError("MESSAGE_MALFORMED", text));
  }

  lost(id: number, reason: ChannelError): void {
    const request = this.#routes.outgoing.take(id);
    if (request !== undefined) this.#routes.outgoing.fail(request, reason);
  }

  wrote(): void {
    this.#routes.sender.wrote();
  }

  gone(): void {
    if (this.#isStopped || this.#isGone) return;
    this.#isGone = true;
    this.#routes.gone();
  }

  end(cause: ChannelError): void {
    this.#heir?.end(cause);
    this.#routes.end(explainEnd(cause, this.#routes.silence));
  }

  /** The channel has ended: whatever still arrives is dropped, or is for the heir. */
  stop(heir?: Pick<LinkReceiver, "frame" | "end">): void {
    this.#isStopped = true;
    this.#heir = heir;
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
    return !this.#parts.answersUnreadable && this.#parts.link.hasStrayText;
  }

  /** @param held what a request counts as while it runs */
  #route(message: Message, reply: Reply, held: number): void {
    if (message.kind !== "invalid" && message.kind !== "batch") this.#routes.silence.isBroken = true;
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
        receiveUndecodable(message, reply, this.#routes);
        break;
      case "invalid":
        this.#misfit(misfitOf(this.#judged(message)), reply);
        break;
    }
  }

  #response(message: ResponseMessage): void {
    const { outgoing, counters } = this.#routes;
    const request = outgoing.take(message.id);
    if (request === undefined) {
      outgoing.late(message.id);
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
      rejectTraced(request, new RpcError(code, text, { data, method: request.method }));
    } else if (message.id !== null) {
      outgoing.late(message.id);
    } else if (!this.#refuseArrays(({ method }) => new RpcError(code, text, { data, method }))) {
      this.#parts.onError(new RpcError(code, `The other side could not read a message: ${text}`, { data }));
    }
  }

  /** The other side did not take a batch, and can't say whose it was. False when there is none that it can have been. */
  #refuseArrays(reasonFor: (request: PendingRequest) => unknown): boolean {
    const { outgoing, counters } = this.#routes;
    const refused = outgoing.takeUnansweredArrays();
    counters.refused += refused.length;
    for (const request of refused) rejectTraced(request, reasonFor(request));
    return refused.length > 0;
  }

  #notification(message: NotificationMessage): void {
    if (this.#parts.dialect.isReserved(message.method)) {
      const control = this.#routes.controls.get(message.method);
      receiveControl(message, control, this.#frameBytes, this.#routes);
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
    if (message.kind === "invalid") return isAnswered(misfitOf(message), this.#parts.answersUnreadable);
    return (message.kind === "undecodable" ? message.message : message).kind === "request";
  }

  #judged(message: InvalidMessage): InvalidMessage {
    return judged(message, this.#parts.answersUnreadable, this.#routes.outgoing);
  }

  /** A frame that the codec can't read: a stray print with a message glued to it, a broken answer, a print. */
  #unreadable(frame: Uint8Array, cause: unknown): void {
    if (this.#takesPrints() && this.#salvage(frame)) return;
    const { id, isAnswer } = this.#parts.wire.peek(frame) ?? {};
    const isAwaited = isAnswer === true && id !== undefined && this.#routes.outgoing.peek(id) !== undefined;
    if (!isAwaited && this.#takesPrints()) this.#noise.printed(new TextDecoder().decode(frame));
    else this.#misfit({ kind: "unreadable", reason: reasonOf(cause), id, isAnswer, cause }, this.#routes.sender);
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

  #oversized(head: Uint8Array, size: number): void {
    const { id, isAnswer } = this.#parts.wire.peek(head) ?? {};
    const reason = `a message of ${size} bytes arrived; limits.maxMessageBytes is ${this.#parts.limits.maxMessageBytes}`;
    this.#misfit({ kind: "oversized", reason, id, isAnswer }, this.#routes.sender);
  }

  #misfit(misfit: Misfit, reply: Reply): void {
    receiveMisfit(misfit, reply, this.#parts.answersUnreadable, this.#routes);
  }
}

function misfitOf({ reason, id, isAnswer, data }: InvalidMessage): Misfit {
  return { kind: "invalid", reason, id, isAnswer: isAnswer === "if awaited" ? undefined : isAnswer, data };
}
