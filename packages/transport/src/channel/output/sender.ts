import { reasonOf, type ChannelError } from "../../errors.js";
import type { Control, Dialect, Wishes } from "../../dialects/contract.js";
import type { Payload } from "../../framing/contract.js";
import { fits, unitLength } from "../../framing/payload.js";
import type { AboutRequest, ErrorObject, RequestId, RequestMessage } from "../../protocol/contract.js";
import { encodeError, endedRequestError, overloadedError, tooLargeError } from "../records/errors.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Counters } from "../records/counters.js";
import type { StreamSink } from "../contract/items.js";

/** What a batch adds to the one message in it: two brackets, or the head of an array. */
const BATCH_OF_ONE = 2;

/** The way out: message, frame, link. What is refused here has left no trace on the wire. */
export class Sender {
  readonly #parts: ChannelParts;
  readonly #counters: Counters;
  /** So many requests had been sent when all that was sent had been given to the system; the link may not tell. */
  #written = Infinity;
  #ended: ChannelError | undefined;

  constructor(parts: ChannelParts, counters: Counters) {
    this.#parts = parts;
    this.#counters = counters;
  }

  /** More bytes wait than may: whoever can should wait or give up. */
  get isFull(): boolean {
    return this.#parts.link.queuedBytes > this.#parts.limits.maxQueuedBytes;
  }

  /** Far more wait, answers that nobody reads among them: the other side should not ask for more. */
  get isClogged(): boolean {
    return this.#parts.link.queuedBytes > 2 * this.#parts.limits.maxQueuedBytes;
  }

  get maxMessageBytes(): number {
    return this.#parts.limits.maxMessageBytes;
  }

  get dialect(): Dialect {
    return this.#parts.dialect;
  }

  get queuedBytes(): number {
    return this.#parts.link.queuedBytes;
  }

  /** Nothing is sent any more. */
  end(cause: ChannelError): void {
    this.#ended = cause;
  }

  assertOpen(method: string): void {
    if (this.#ended !== undefined) throw endedRequestError(this.#ended, method, "not-sent");
  }

  /**
   * Throws `ENCODE_FAILED` and `MESSAGE_TOO_LARGE`.
   * @param wishes what the request asks for beside its answer; `undefined` for nothing
   */
  encodeRequest(id: number, method: string, params: object | undefined, wishes?: Wishes): Payload {
    let payload: Payload;
    const { wire, dialect } = this.#parts;
    try {
      const all =
        wishes === undefined || dialect.withTokens === undefined ? params : dialect.withTokens(params, id, wishes);
      payload = wire.request(id, method, all);
    } catch (error) {
      throw encodeError(method, error);
    }
    this.#assertFits(method, payload);
    return payload;
  }

  /**
   * Throws nothing: what `encodeRequest` gave can be sent. Counted first: a part of it may be written before `send` returns.
   * @returns the number by which `isWritten` knows it
   */
  sendRequest(payload: Payload): number {
    const number = (this.#counters.requestsSent += 1);
    this.#parts.link.send(payload);
    return number;
  }

  /** All that was sent has been given to the system. */
  wrote(): void {
    this.#written = this.#counters.requestsSent;
  }

  /** False for a request that certainly was not given to the system. */
  isWritten(number: number): boolean {
    return number <= this.#written;
  }

  /** Throws `ENCODE_FAILED`, `MESSAGE_TOO_LARGE`, `OVERLOADED`, and the channel's end. */
  notification(method: string, params: object | undefined): void {
    this.assertOpen(method);
    if (this.isFull) throw overloadedError(method, "limits.maxQueuedBytes");
    this.sendNotification(this.encodeNotification(method, params));
  }

  /** Throws `ENCODE_FAILED`, `MESSAGE_TOO_LARGE`, and the channel's end, which encoding may have brought. */
  encodeNotification(method: string, params: object | undefined): Payload {
    let payload: Payload;
    try {
      payload = this.#parts.wire.notification(method, params);
    } catch (error) {
      throw encodeError(method, error);
    }
    this.assertOpen(method);
    this.#assertFits(method, payload);
    return payload;
  }

  /** Throws nothing: what `encodeNotification` gave can be sent. */
  sendNotification(payload: Payload): void {
    this.#parts.link.send(payload);
    this.#counters.notificationsSent += 1;
  }

  /** How far the work for a request of the other side is, where that is asked for. Throws as `notification` does. */
  progress({ id, params }: Pick<RequestMessage, "id" | "params">, value: unknown): void {
    const { controls, progressToken, progressParams } = this.#parts.dialect;
    const method = controls.progress;
    const token = method === undefined ? undefined : progressToken(id, params);
    if (method === undefined || token === undefined) return;
    this.assertOpen(method);
    if (this.isFull) throw overloadedError(method, "limits.maxQueuedBytes");
    const payload = this.#encodeControl(method, () => progressParams(token, value));
    this.assertOpen(method);
    this.sendNotification(payload);
  }

  /**
   * A notification of the protocol's own; small, and sent even when much is waiting. Nothing after the end, which encoding
   * may bring. Throws `ENCODE_FAILED` and `MESSAGE_TOO_LARGE`.
   */
  control(control: Control, params: AboutRequest): number {
    const method = this.#parts.dialect.controls[control];
    // A family that has no word for it does without.
    if (this.#ended !== undefined || method === undefined) return 0;
    const payload = this.#encodeControl(method, () => params);
    if (this.#hasEnded()) return 0;
    this.#parts.link.send(payload);
    return unitLength(payload);
  }

  /** Nobody waits for that request any more. Not of a hello: that is never taken back. */
  cancel(id: number, method: string, reason: unknown): void {
    const { sendsCancel, dialect } = this.#parts;
    if (!sendsCancel || method === dialect.hello?.request) return;
    try {
      this.control("cancel", dialect.cancelParams(id, reason === undefined ? undefined : reasonOf(reason)));
    } catch (error) {
      this.#parts.onError(error);
    }
  }

  #hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** @param params made here, as that may run code of the user's */
  #encodeControl(method: string, params: () => AboutRequest): Payload {
    let payload: Payload;
    try {
      payload = this.#parts.wire.control(method, params());
    } catch (error) {
      throw encodeError(method, error);
    }
    this.#assertFits(method, payload);
    return payload;
  }

  /** One message of a batch, a notification where there is no id. Throws `ENCODE_FAILED`. */
  encodeEntry(id: number | undefined, method: string, params: object | undefined): Payload {
    const { wire } = this.#parts;
    try {
      return id === undefined ? wire.notification(method, params) : wire.request(id, method, params);
    } catch (error) {
      throw encodeError(method, error);
    }
  }

  /** Throws `ENCODE_FAILED` and `MESSAGE_TOO_LARGE`. */
  encodeArray(entries: readonly Payload[]): Payload {
    let payload: Payload;
    try {
      payload = this.#parts.wire.join(entries);
    } catch (error) {
      throw encodeError("batch", error);
    }
    this.#assertFits("batch", payload);
    return payload;
  }

  /** Throws nothing: what `encodeArray` gave can be sent. Returns a number, as `sendRequest` does. */
  sendArray(payload: Payload, requests: number, notifications: number): number {
    const number = (this.#counters.requestsSent += requests);
    this.#parts.link.send(payload);
    this.#counters.notificationsSent += notifications;
    return number;
  }

  /** Throws when the result can't be encoded or is too large. */
  result(id: RequestId, result: unknown): void {
    if (this.#ended === undefined) this.#send("the result", this.#encodeResult(id, result));
  }

  error(id: RequestId, error: ErrorObject): void {
    if (this.#ended === undefined) this.#send("the error", this.#parts.wire.error(id, error));
  }

  /** An answer that is kept back, to be sent with others as one batch. Throws as `result` and `error` do. */
  encodeAnswer(id: RequestId, answer: { readonly result: unknown } | { readonly error: ErrorObject }): Payload {
    const { wire, limits } = this.#parts;
    const payload = "error" in answer ? wire.error(id, answer.error) : this.#encodeResult(id, answer.result);
    if (!this.#fits("the result", payload, limits.maxMessageBytes - BATCH_OF_ONE))
      throw tooLargeError("the result", limits.maxMessageBytes);
    return payload;
  }

  /** One that `encodeAnswer` gave, by itself. */
  answer(payload: Payload): void {
    if (this.#ended === undefined) this.#parts.link.send(payload);
  }

  /** Throws when all of them together are too large. */
  answers(payloads: readonly Payload[]): void {
    if (this.#ended === undefined) this.#send("the batch of results", this.#parts.wire.join(payloads));
  }

  /** Resolves when all that was sent so far has been handed to the pipe; rejects with the channel's end. */
  flushed(): Promise<void> {
    return this.#parts.link.flushed();
  }

  /** Calls back at the end of this turn, before what the turn said is written. */
  atTurnEnd(callback: () => void): void {
    this.#parts.link.atTurnEnd(callback);
  }

  /** Where a stream's items go: in notifications about the request `id`. */
  items(control: Control, id: RequestId): StreamSink {
    return this.#sink((items) => this.control(control, { id, items }));
  }

  /** The same, under a token of the caller's. */
  partials(token: unknown): StreamSink {
    const { progressParams } = this.#parts.dialect;
    return this.#sink((items) => this.control("progress", progressParams(token, items)));
  }

  #sink(send: StreamSink["send"]): StreamSink {
    const isFull = (): boolean => this.isFull;
    return {
      get isFull() {
        return isFull();
      },
      send,
      flushed: () => this.flushed(),
      atTurnEnd: (callback) => {
        this.atTurnEnd(callback);
      },
    };
  }

  #encodeResult(id: RequestId, result: unknown): Payload {
    const { wire, dialect } = this.#parts;
    return wire.result(id, result === undefined ? dialect.nothing : result);
  }

  #send(what: string, payload: Payload): void {
    this.#assertFits(what, payload);
    this.#parts.link.send(payload);
  }

  /** A codec or a protocol of the user's may give anything: what is no payload is found out here. */
  #fits(what: string, payload: Payload, max: number): boolean {
    try {
      return fits(payload, max);
    } catch (error) {
      throw encodeError(what, error);
    }
  }

  #assertFits(what: string, payload: Payload): void {
    const { maxMessageBytes } = this.#parts.limits;
    if (!this.#fits(what, payload, maxMessageBytes)) throw tooLargeError(what, maxMessageBytes);
  }
}
