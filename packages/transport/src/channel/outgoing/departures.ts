import type { Payload } from "../../framing/contract.js";
import { overloadedError } from "../records/errors.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Sender } from "../output/sender.js";
import type { Unsent } from "../output/unsent.js";
import type { Inputs } from "../streams/inputs.js";
import { firstCredit } from "../streams/stream-reader.js";
import type { PendingRequest, RequestExtra } from "./pending.js";
import { wishesOf } from "./wishes.js";

/** What a request needs of the table of those that wait for an answer. */
export interface Waiting {
  /** Puts it there. Throws what its signal throws; it is to be taken out then. */
  register(request: PendingRequest, now?: number): void;
  isWaiting(request: PendingRequest): boolean;
  take(id: number): PendingRequest | undefined;
  fail(request: PendingRequest, reason: unknown): void;
}

/** How requests leave: at once, or when there is room. */
export class Departures {
  readonly #parts: ChannelParts;
  readonly #sender: Sender;
  readonly #unsent: Unsent;
  readonly #inputs: Inputs;
  readonly #table: Waiting;

  constructor(parts: ChannelParts, sender: Sender, unsent: Unsent, inputs: Inputs, table: Waiting) {
    this.#parts = parts;
    this.#sender = sender;
    this.#unsent = unsent;
    this.#inputs = inputs;
    this.#table = table;
  }

  /**
   * A request is in the table before code of others runs, such as a `toJSON` in its params: that may close the channel
   * or abort the signal, and finds the request then. Afterwards it is sent only if it still waits.
   */
  start(request: PendingRequest, params: object | undefined): void {
    const isEarly = this.#unsent.ceremony?.isEarly(request.method) === true;
    const mustWait = isEarly || this.#unsent.mustWait;
    if (mustWait && !isEarly && this.#parts.whenFull === "fail") {
      throw overloadedError(request.method, "limits.maxQueuedBytes");
    }
    this.#sender.assertOpen(request.method); // Asking a link of the user's how much waits may end it.
    try {
      this.#table.register(request);
      const payload = this.#sender.encodeRequest(request.id, request.method, params, wishesOf(request.extra));
      if (!this.#table.isWaiting(request)) return;
      if (mustWait) this.#sendLater(request, payload);
      else this.#send(request, payload);
    } catch (error) {
      this.#table.take(request.id);
      throw error;
    }
  }

  /** A request that another channel has encoded. */
  adopt(request: PendingRequest, payload: Payload): void {
    try {
      this.#table.register(request, performance.now());
      if (!this.#table.isWaiting(request)) return;
      const { ceremony, mustWait } = this.#unsent;
      if (mustWait || ceremony?.isEarly(request.method) === true) this.#sendLater(request, payload);
      else this.#send(request, payload);
    } catch (error) {
      if (this.#table.take(request.id) !== undefined) this.#table.fail(request, error);
    }
  }

  /**
   * Inputs are announced before the request. A reader of items says first how many it takes: the other side knows by
   * that that a stream is wanted.
   */
  #send(request: PendingRequest, payload: Payload): void {
    if (request.extra !== undefined) this.#announce(request, request.extra);
    if (!this.#table.isWaiting(request)) return;
    request.sentAs = this.#sender.sendRequest(payload);
    this.#unsent.ceremony?.sent(request.method);
  }

  #announce(request: PendingRequest, extra: RequestExtra): void {
    const { id } = request;
    if (extra.input !== undefined) {
      extra.stopInput = this.#inputs.open(id, extra.input, () => this.#table.isWaiting(request));
    }
    if (extra.items !== undefined) {
      this.#sender.control("stream-pull", { id, count: firstCredit(this.#parts.limits.streamWindow) });
    }
  }

  /** When there is room. */
  #sendLater(request: PendingRequest, payload: Payload): void {
    this.#unsent.add(request, request.method, payload, () => {
      try {
        this.#send(request, payload);
      } catch (error) {
        if (this.#table.take(request.id) !== undefined) this.#table.fail(request, error);
      }
    });
  }
}
