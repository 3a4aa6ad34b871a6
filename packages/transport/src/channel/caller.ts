import type { ChannelError } from "../errors.js";
import type { Payload } from "../framing/contract.js";
import type { RequestId } from "../protocol/contract.js";
import { AbortGroups, type AbortGroup } from "./abort-groups.js";
import type { BatchedCall } from "./batch.js";
import type { TurnClock } from "./clock.js";
import { DeadlineTimer } from "./deadline-timer.js";
import { endedRequestError, overloadedError, timeoutError } from "./end-errors.js";
import { resolveTimeout, type RequestOptions } from "./options.js";
import type { ChannelParts } from "./parts.js";
import { Inputs } from "./inputs.js";
import { deadlineOf, deliveryOf, extraOf, type PendingRequest, type RequestExtra, type Waiter } from "./pending.js";
import { RequestTable } from "./request-table.js";
import type { Sender } from "./sender.js";
import type { Counters } from "./stats.js";
import { firstCredit, StreamReader } from "./stream-reader.js";
import type { Unsent } from "./unsent.js";

/** The requests of this side, from `request()` to the one outcome of each. */
export class Caller {
  readonly #parts: ChannelParts;
  readonly #sender: Sender;
  readonly #clock: TurnClock;
  readonly #counters: Counters;
  readonly #pending = new RequestTable<PendingRequest>();
  readonly #deadlines: DeadlineTimer;
  readonly #aborts: AbortGroups;
  readonly #inputs: Inputs;
  readonly #unsent: Unsent;
  #lastId = 0;
  #onBusy: ((isBusy: boolean) => void) | undefined;

  constructor(parts: ChannelParts, sender: Sender, unsent: Unsent, clock: TurnClock, counters: Counters) {
    this.#parts = parts;
    this.#sender = sender;
    this.#unsent = unsent;
    this.#clock = clock;
    this.#counters = counters;
    this.#inputs = new Inputs(sender, (id, failure) => {
      this.abandon(id, failure);
    });
    this.#deadlines = new DeadlineTimer((now) => this.#expire(now));
    this.#aborts = new AbortGroups((group) => this.#abort(group));
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Is told when the first request goes into flight and when the last one has settled. */
  watchBusy(onBusy: ((isBusy: boolean) => void) | undefined): void {
    this.#onBusy = onBusy;
  }

  /** Throws what a request can be refused with before it is sent. */
  call(
    method: string,
    params: object | undefined,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
    items?: RequestExtra["items"],
  ): number {
    const request = this.#admit(method, options, resolve, reject, items);
    const { mustWait } = this.#unsent;
    if (mustWait && this.#parts.whenFull === "fail") throw overloadedError(method, "limits.maxQueuedBytes");
    const payload = this.#sender.encodeRequest(request.id, method, params);
    if (mustWait) this.#sendLater(request, payload);
    else this.#send(request, payload);
    this.#register(request, options?.signal);
    return request.id;
  }

  /** A stream of items; the request is sent when the first one is asked for. */
  stream(method: string, params: object | undefined, options: RequestOptions | undefined): StreamReader<unknown> {
    let id = -1;
    const { streamWindow, maxHeldBytes } = this.#parts.limits;
    const reader = new StreamReader<unknown>(streamWindow, maxHeldBytes, {
      start: () => {
        try {
          id = this.call(
            method,
            params,
            options,
            (result) => {
              reader.end(result);
            },
            (reason) => {
              reader.fail(reason);
            },
            (items, bytes) => {
              reader.push(items, bytes);
            },
          );
        } catch (error) {
          reader.fail(error);
        }
      },
      pull: (count) => void this.#sender.control("$/stream/pull", { id, count }),
      cancel: () => {
        this.#counters.cancelled += 1;
        this.abandon(id, undefined);
      },
    });
    return reader;
  }

  /** Sends requests and notifications as one batch. Throws what it can be refused with; nothing has been sent then. */
  batch(calls: readonly BatchedCall[]): void {
    this.#sender.assertOpen("batch");
    const wanted = calls.filter(({ waiter }) => waiter !== undefined).length;
    const { maxInFlight } = this.#parts.limits;
    if (this.#pending.size + wanted > maxInFlight) throw overloadedError("batch", "limits.maxInFlight");
    // It does not wait for room: a part of it could be given up in the meantime.
    if (this.#unsent.mustWait) throw overloadedError("batch", "limits.maxQueuedBytes");
    const requests = calls.map(({ method, options, waiter }) =>
      waiter === undefined ? undefined : this.#admit(method, options, waiter.resolve, waiter.reject, undefined),
    );
    this.#sender.batch(calls.map(({ method, params }, at) => ({ method, params, id: requests[at]?.id })));
    for (const [at, request] of requests.entries()) {
      if (request === undefined) continue;
      request.isSent = true;
      this.#register(request, calls[at]?.options?.signal);
    }
  }

  peek(id: RequestId): PendingRequest | undefined {
    return this.#pending.get(id);
  }

  /** Takes a request out; whoever gets it settles it. */
  take(id: RequestId): PendingRequest | undefined {
    const request = this.#pending.take(id);
    if (request !== undefined) this.#release(request);
    return request;
  }

  /** The time an answer took is counted from the request to the turn in which it arrived. */
  answered(request: PendingRequest): void {
    this.#counters.latency.record(this.#clock.turn().time - request.turn.time);
  }

  /** Settles a request that was taken out, without an answer. */
  fail(request: PendingRequest, reason: unknown): void {
    this.#counters.failed += 1;
    request.reject(reason);
  }

  /** The other side takes so many inputs more of the stream that goes with the request. */
  grantInput(id: RequestId, count: number): void {
    this.#inputs.grant(id, count);
  }

  /** Settles everything: the channel has ended. */
  end(cause: ChannelError): void {
    this.#deadlines.stop();
    this.#aborts.end();
    for (const request of this.#pending.takeAll()) {
      this.#release(request);
      this.fail(request, endedRequestError(cause, request.method, deliveryOf(request)));
    }
  }

  #admit(
    method: string,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
    items: RequestExtra["items"],
  ): PendingRequest {
    options?.signal?.throwIfAborted();
    this.#sender.assertOpen(method);
    if (this.#pending.size >= this.#parts.limits.maxInFlight) throw overloadedError(method, "limits.maxInFlight");
    const timeout = options?.timeout === undefined ? this.#parts.timeout : resolveTimeout(options.timeout);
    const id = ++this.#lastId;
    const extra = options === undefined && items === undefined ? undefined : extraOf(options, items);
    return { id, method, resolve, reject, turn: this.#clock.turn(), timeout, extra, isSent: false };
  }

  #register(request: PendingRequest, signal: AbortSignal | undefined): void {
    this.#pending.add(request);
    if (request.timeout !== 0) this.#deadlines.cover(deadlineOf(request), request.turn.time);
    if (signal !== undefined && request.extra !== undefined) request.extra.abortGroup = this.#aborts.join(signal);
    if (this.#onBusy !== undefined && this.#pending.size === 1) this.#onBusy(true);
  }

  #release(request: PendingRequest): void {
    if (request.extra !== undefined) this.#releaseExtra(request.extra);
    if (!request.isSent) this.#unsent.remove(request);
    if (this.#onBusy !== undefined && this.#pending.size === 0) this.#onBusy(false);
  }

  #releaseExtra(extra: RequestExtra): void {
    if (extra.abortGroup !== undefined) this.#aborts.leave(extra.abortGroup);
    extra.stopInput?.();
  }

  /**
   * Inputs are announced before the request. A reader of items says first how many it takes: the other side knows by
   * that that a stream is wanted.
   */
  #send(request: PendingRequest, payload: Payload): void {
    if (request.extra !== undefined) this.#announce(request.id, request.extra);
    this.#sender.sendRequest(payload);
    request.isSent = true;
  }

  #announce(id: number, extra: RequestExtra): void {
    if (extra.input !== undefined) extra.stopInput = this.#inputs.open(id, extra.input);
    if (extra.items !== undefined) {
      this.#sender.control("$/stream/pull", { id, count: firstCredit(this.#parts.limits.streamWindow) });
    }
  }

  #sendLater(request: PendingRequest, payload: Payload): void {
    this.#unsent.add(request, () => {
      try {
        this.#send(request, payload);
      } catch (error) {
        this.take(request.id);
        this.fail(request, error);
      }
    });
  }

  /** Settles a request that this side does not wait for any more, and tells the other side. */
  abandon(id: number, reason: unknown): void {
    const request = this.take(id);
    if (request === undefined) return;
    this.fail(request, reason);
    if (request.isSent) this.#sender.control("$/cancelRequest", { id });
  }

  /** Fails all whose deadline has passed, and tells the earliest deadline of the rest. */
  #expire(now: number): number {
    let nextDeadline = Infinity;
    for (const request of this.#pending.all()) {
      const deadline = deadlineOf(request);
      if (deadline > now) nextDeadline = Math.min(nextDeadline, deadline);
      else this.#timeOut(request.id);
    }
    return nextDeadline;
  }

  /** The signal of these requests has aborted. */
  #abort(group: AbortGroup): void {
    for (const { id, extra } of this.#pending.all()) {
      if (extra?.abortGroup !== group) continue;
      this.#counters.cancelled += 1;
      this.abandon(id, group.signal.reason);
    }
  }

  #timeOut(id: number): void {
    const request = this.take(id);
    if (request === undefined) return;
    this.#counters.timedOut += 1;
    this.fail(request, timeoutError(request.method, request.timeout, deliveryOf(request)));
    if (request.isSent) this.#sender.control("$/cancelRequest", { id });
  }
}
