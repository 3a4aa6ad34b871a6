import type { Payload } from "../../framing/contract.js";
import type { BatchedCall } from "./batch.js";
import { overloadedError } from "../records/errors.js";
import type { RequestOptions } from "../contract/request-options.js";
import type { ChannelParts } from "../contract/parts.js";
import type { PendingRequest, Waiter } from "./pending.js";
import { assertMethod } from "./assert-method.js";
import type { Sender } from "../output/sender.js";
import type { SentArrays } from "./sent-arrays.js";
import type { Unsent } from "../output/unsent.js";

/** What a batch needs of the requests of this side. */
export interface Requests {
  admit(
    method: string,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
  ): PendingRequest;
  register(request: PendingRequest): void;
  isWaiting(request: PendingRequest): boolean;
  take(id: number): PendingRequest | undefined;
}

interface Entry {
  /** `undefined` for a notification. */
  readonly request: PendingRequest | undefined;
  payload: Payload;
}

interface EncodedArray {
  readonly entries: readonly Entry[];
  readonly payload: Payload;
}

/** Sends batches: each in as many arrays as the other side's limit asks for, all of them or none. */
export class OutgoingBatches {
  readonly #parts: ChannelParts;
  readonly #sender: Sender;
  readonly #unsent: Unsent;
  readonly #arrays: SentArrays;
  readonly #requests: Requests;

  constructor(parts: ChannelParts, sender: Sender, unsent: Unsent, arrays: SentArrays, requests: Requests) {
    this.#parts = parts;
    this.#sender = sender;
    this.#unsent = unsent;
    this.#arrays = arrays;
    this.#requests = requests;
  }

  /** Throws what the batch can be refused with; nothing has been sent then. */
  send(calls: readonly BatchedCall[], inFlight: number): void {
    this.#assertRoomFor(calls, inFlight);
    const entries: Entry[] = [];
    try {
      for (const call of calls) this.#enter(call, entries);
      // Encoding runs code of others, which may have ended the channel or aborted some of these.
      this.#sender.assertOpen("batch");
      const arrays = this.#encode(entries.filter(({ request }) => request === undefined || this.#isWaiting(request)));
      for (const array of arrays) this.#sendArray(array);
    } catch (error) {
      for (const { request } of entries) if (request !== undefined) this.#requests.take(request.id);
      throw error;
    }
  }

  #isWaiting(request: PendingRequest): boolean {
    return this.#requests.isWaiting(request);
  }

  #assertRoomFor(calls: readonly BatchedCall[], inFlight: number): void {
    this.#sender.assertOpen("batch");
    const wanted = calls.filter(({ waiter }) => waiter !== undefined).length;
    const { maxInFlight, maxBatchSize } = this.#parts.limits;
    if (inFlight + wanted > maxInFlight) throw overloadedError("batch", "limits.maxInFlight");
    if (maxBatchSize === 0) throw overloadedError("batch", "limits.maxBatchSize");
    // It does not wait for room: a part of it could be given up in the meantime.
    if (this.#unsent.mustWait) throw overloadedError("batch", "limits.maxQueuedBytes");
  }

  #enter({ method, params, options, waiter }: BatchedCall, entries: Entry[]): void {
    let request: PendingRequest | undefined;
    if (waiter === undefined) assertMethod(method, "batch");
    else request = this.#requests.admit(method, options, waiter.resolve, waiter.reject);
    const entry: Entry = { request, payload: "" };
    entries.push(entry);
    if (request !== undefined) this.#requests.register(request);
    entry.payload = this.#sender.encodeEntry(request?.id, method, params);
  }

  #encode(entries: readonly Entry[]): EncodedArray[] {
    const { maxBatchSize } = this.#parts.limits;
    const arrays: EncodedArray[] = [];
    for (let at = 0; at < entries.length; at += maxBatchSize) {
      const part = entries.slice(at, at + maxBatchSize);
      arrays.push({ entries: part, payload: this.#sender.encodeArray(part.map(({ payload }) => payload)) });
    }
    return arrays;
  }

  #sendArray({ entries, payload }: EncodedArray): void {
    const requests: PendingRequest[] = [];
    for (const { request } of entries) if (request !== undefined) requests.push(request);
    if (requests.length > 0) this.#arrays.open(requests);
    const number = this.#sender.sendArray(payload, requests.length, entries.length - requests.length);
    for (const request of requests) request.sentAs = number;
  }
}
