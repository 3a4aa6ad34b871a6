import type { ChannelError } from "../../errors.js";
import type { Payload } from "../../framing/contract.js";
import type { RequestId } from "../../protocol/contract.js";
import { AbortGroups } from "./abort-groups.js";
import type { BatchedCall } from "./batch.js";
import { DeadlineTimer } from "./deadline-timer.js";
import { Departures } from "./departures.js";
import { endedRequestError, overloadedError, timeoutError } from "../records/errors.js";
import { checkOptions, timeoutFor, type RequestOptions } from "../contract/request-options.js";
import { openStream } from "./outgoing-stream.js";
import { OutgoingBatches } from "./outgoing-batches.js";
import type { Records } from "./records-of-requests.js";
import type { ChannelParts } from "../contract/parts.js";
import { Inputs } from "../streams/inputs.js";
import {
  deadlineOf,
  deliveryOf,
  extraOf,
  findDue,
  type ItemsTarget,
  type PendingRequest,
  type RequestExtra,
  type StreamHost,
  type Waiter,
} from "./pending.js";
import { assertMethod } from "./assert-method.js";
import { rejectTraced } from "./reject-traced.js";
import { RequestTable } from "../records/request-table.js";
import type { Sender } from "../output/sender.js";
import { SentArrays } from "./sent-arrays.js";
import { reasonOf } from "../records/signals.js";
import type { StreamReader } from "../streams/stream-reader.js";
import type { Unsent } from "../output/unsent.js";
import { assertSayable } from "./wishes.js";

/** The requests of this side, from `request()` to the one outcome of each. */
export class Outgoing implements StreamHost {
  readonly #parts: ChannelParts;
  readonly #sender: Sender;
  readonly #clock: Records["clock"];
  readonly #counters: Records["counters"];
  readonly #pending = new RequestTable<PendingRequest>();
  readonly #deadlines: DeadlineTimer;
  readonly #aborts: AbortGroups<RequestExtra>;
  readonly #arrays = new SentArrays();
  readonly #batches: OutgoingBatches;
  readonly #inputs: Inputs;
  readonly #departures: Departures;
  readonly #unsent: Unsent;
  readonly #silence: Records["silence"];
  readonly #ids: Records["ids"];
  readonly #unstopped: Records["unstopped"];
  #onBusy: ((isBusy: boolean) => void) | undefined;
  #onSettled: (() => void) | undefined;

  constructor(parts: ChannelParts, sender: Sender, unsent: Unsent, records: Records) {
    this.#parts = parts;
    this.#sender = sender;
    this.#unsent = unsent;
    this.#clock = records.clock;
    this.#counters = records.counters;
    this.#silence = records.silence;
    this.#ids = records.ids;
    this.#unstopped = records.unstopped;
    this.#inputs = new Inputs(sender, (id, failure) => {
      this.abandon(id, failure);
    });
    this.#departures = new Departures(parts, sender, unsent, this.#inputs, this);
    this.#batches = new OutgoingBatches(parts, sender, unsent, this.#arrays, this);
    this.#deadlines = new DeadlineTimer((now) => this.#expire(now));
    this.#aborts = new AbortGroups(({ id }, reason) => {
      this.#counters.cancelled += 1;
      this.abandon(id, reason);
    }, parts.onError);
  }

  get inFlight(): number {
    return this.#pending.size;
  }

  /** Is told when the first request goes into flight and when the last one has settled. */
  watchBusy(onBusy: ((isBusy: boolean) => void) | undefined): void {
    this.#onBusy = onBusy;
  }

  /** Is told of each request that has settled, before it is. */
  watchSettled(onSettled: (() => void) | undefined): void {
    this.#onSettled = onSettled;
  }

  /** The link is there: from now on it can be silent. */
  connected(): void {
    this.#silence.isConnected = true;
    if (this.#pending.size > 0) this.#listen(performance.now());
  }

  #listen(now: number): void {
    if (!this.#silence.isOver) this.#deadlines.cover(this.#silence.begin(now), now);
  }

  /** Throws what a request can be refused with before it is sent. */
  call(
    method: string,
    params: object | undefined,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
  ): void {
    this.#departures.start(this.admit(method, options, resolve, reject), params);
  }

  /** A stream of items; the request is sent when the first one is asked for. */
  stream(method: string, params: object | undefined, options: RequestOptions | undefined): StreamReader<unknown> {
    return openStream(this.#parts, this, { method, params, options });
  }

  /** Of a stream, which is in the table from here on. Throws what it can be refused with. */
  start(request: PendingRequest, params: object | undefined): void {
    this.#departures.start(request, params);
  }

  /** Takes over a request that another channel was to send, and has not. */
  adopt(request: PendingRequest, payload: Payload): void {
    if (request.extra?.items !== undefined) request.extra.items.host = this;
    this.#departures.adopt(request, payload);
  }

  pull(id: number, count: number): void {
    this.#sender.control("stream-pull", { id, count });
  }

  leave(id: number): void {
    this.#counters.cancelled += 1;
    this.abandon(id, undefined);
  }

  /** Sends requests and notifications as one batch. Throws what it can be refused with; nothing has been sent then. */
  batch(calls: readonly BatchedCall[]): void {
    this.#batches.send(calls, this.#pending.size);
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
    this.#counters.latency.record(Math.max(this.#clock.turn().time - request.turn.time, 0));
    if (request.array !== undefined) request.array.isAnswered = true;
  }

  /** An answer has come that nobody waits for. */
  late(id: RequestId): void {
    this.#counters.answersIgnored += 1;
    this.#unstopped?.stopped(id);
  }

  /** Settles a request that was taken out, without an answer. */
  fail(request: PendingRequest, reason: unknown): void {
    this.#counters.failed += 1;
    rejectTraced(request, reason);
  }

  /** Takes out the requests of the arrays of which nothing was answered: the other side may have refused them. */
  takeUnansweredArrays(): PendingRequest[] {
    const taken: PendingRequest[] = [];
    for (const id of this.#arrays.unanswered()) {
      const request = this.take(id);
      if (request === undefined) continue;
      taken.push(request);
      this.#sayCancelled(request, undefined);
    }
    return taken;
  }

  /** The other side takes so many inputs more of the stream that goes with the request. */
  grantInput(id: RequestId, count: number): void {
    this.#inputs.grant(id, count);
  }

  /** The other side takes nothing any more: what was not given to the system by now was not sent. */
  gone(): void {
    for (const request of this.sent()) if (!this.#sender.isWritten(request.sentAs)) request.sentAs = 0;
  }

  /** Those that wait for an answer, and not to be sent. */
  sent(): PendingRequest[] {
    return this.#pending.select(({ sentAs }) => sentAs > 0);
  }

  /** Settles everything: the channel has ended. */
  end(cause: ChannelError): void {
    this.#deadlines.stop();
    this.#aborts.end();
    this.#unstopped?.end();
    for (const request of this.#pending.takeAll()) {
      this.#release(request);
      this.fail(request, endedRequestError(cause, request.method, deliveryOf(request)));
    }
  }

  /** A request that may be made now; it is not in the table yet. Throws what it can be refused with. */
  admit(
    method: string,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
    items?: ItemsTarget,
  ): PendingRequest {
    assertMethod(method, "request");
    // Getters of the options can run any code: what is checked after them is checked last.
    const checked = options === undefined ? undefined : checkOptions(method, options);
    if (checked?.signal?.aborted === true) throw reasonOf(checked.signal);
    this.#sender.assertOpen(method);
    if (this.#pending.size >= this.#parts.limits.maxInFlight) throw overloadedError(method, "limits.maxInFlight");
    const timeout = timeoutFor(checked, this.#parts.timeout);
    const turn = timeout === 0 ? this.#clock.turn() : this.#clock.moment();
    const id = ++this.#ids.last;
    const extra = checked === undefined && items === undefined ? undefined : extraOf(id, checked, items);
    if (extra !== undefined) assertSayable(this.#parts.dialect, method, extra);
    return { id, method, resolve, reject, turn, timeout, extra, array: undefined, sentAs: 0 };
  }

  /**
   * Puts a request into the table. Throws what its signal throws; the request is to be taken out then.
   *
   * @param now when it is put there, which of one that was made elsewhere is later than it was made
   */
  register(request: PendingRequest, now: number = request.turn.time): void {
    this.#pending.add(request);
    if (request.timeout !== 0) this.#deadlines.cover(deadlineOf(request), now);
    this.#listen(now);
    if (this.#onBusy !== undefined && this.#pending.size === 1) this.#onBusy(true);
    const { extra } = request;
    if (extra?.signal === undefined) return;
    this.#aborts.join(extra.signal, extra);
    // A signal that is none of the platform's may have ended all while it was listened to.
    if (!this.isWaiting(request)) this.#aborts.leave(extra);
  }

  /** False when it has been settled. */
  isWaiting(request: PendingRequest): boolean {
    return this.#pending.get(request.id) === request;
  }

  #release(request: PendingRequest): void {
    if (request.extra !== undefined) {
      this.#aborts.leave(request.extra);
      request.extra.stopInput?.();
    }
    if (request.array !== undefined) this.#arrays.leave(request);
    if (request.sentAs === 0) this.#unsent.remove(request);
    this.#unsent.ceremony?.settled(request.method);
    if (this.#onBusy !== undefined && this.#pending.size === 0) this.#onBusy(false);
    if (this.#onSettled !== undefined) this.#onSettled();
  }

  /** Settles a request that this side does not wait for any more, and tells the other side. */
  abandon(id: number, reason: unknown): void {
    const request = this.take(id);
    if (request === undefined) return;
    this.#counters.failed += 1;
    request.reject(reason);
    this.#sayCancelled(request, reason);
  }

  /** The other side need not go on with what it was sent. */
  #sayCancelled({ id, method, sentAs }: PendingRequest, reason: unknown): void {
    if (sentAs === 0) return;
    this.#unstopped?.add(id, method);
    this.#sender.cancel(id, method, reason);
  }

  /** Fails all whose deadline has passed, and tells the earliest deadline of the rest. */
  #expire(now: number): number {
    // First: it may call a function of the user's, which may end the channel.
    const next = this.#silence.check(now, () => this.#pending.all()[0]?.method);
    const due = findDue(this.#pending, now, ({ id }) => {
      this.#timeOut(id);
    });
    return Math.min(next, due);
  }

  #timeOut(id: number): void {
    const request = this.take(id);
    if (request === undefined) return;
    this.#counters.timedOut += 1;
    const reason = timeoutError(request.method, request.timeout, deliveryOf(request), this.#silence.explain());
    this.fail(request, reason);
    this.#sayCancelled(request, reason);
  }
}
