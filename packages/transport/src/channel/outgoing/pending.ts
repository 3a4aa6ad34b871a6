import type { Delivery } from "../../errors.js";
import type { Abortable } from "./abort-groups.js";
import type { Turn } from "../records/clock.js";
import type { RequestTable } from "../records/request-table.js";
import type { CheckedOptions, RequestOptions } from "../contract/request-options.js";
import type { AnyIterable } from "../contract/items.js";

/** One array of requests that has been sent. */
export interface SentArray {
  /** Those that wait for an answer. */
  readonly open: Set<number>;
  /** One of them was answered: the array was not refused as a whole. */
  isAnswered: boolean;
}

/** What settles a request, and what it gets before that. */
export interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/** A request that waits for its answer. There may be many thousands of them, so what only some have is kept apart. */
export interface PendingRequest extends Waiter {
  readonly id: number;
  readonly method: string;
  /** When `request()` was called; where it has a timeout the moment, else the turn. */
  readonly turn: Turn;
  /** Milliseconds; 0 for none. */
  readonly timeout: number;
  readonly extra: RequestExtra | undefined;
  /** The array that it was sent in, as one of a batch. */
  array: SentArray | undefined;
  /** The number that `Sender` gave it; 0 while it waits for room to be sent. */
  sentAs: number;
}

/** What goes with a request that was made with options, or as a stream. */
export interface RequestExtra extends Abortable<RequestExtra> {
  readonly id: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => unknown) | undefined;
  /** Takes the items of a streamed answer; `undefined` where none are expected. */
  readonly items: ItemsTarget | undefined;
  readonly input: AnyIterable | undefined;
  /** Stops the stream of inputs that goes with the request. */
  stopInput: (() => void) | undefined;
  /** Of a pool: which worker it is for, and when it leaves the queue. */
  readonly key: string | number | undefined;
  readonly priority: number;
}

/** Where the items of a stream go, and who is asked for more: the host of the request, which may be another one later. */
export interface ItemsTarget {
  host: StreamHost;
  readonly take: (items: readonly unknown[], bytes: number) => void;
}

/** What a stream needs of the requests of this side. */
export interface StreamHost {
  /** Throws what the request can be refused with. */
  admit(
    method: string,
    options: RequestOptions | undefined,
    resolve: Waiter["resolve"],
    reject: Waiter["reject"],
    items: ItemsTarget,
  ): PendingRequest;
  /** The same. */
  start(request: PendingRequest, params: object | undefined): void;
  pull(id: number, count: number): void;
  /** The reader has left. */
  leave(id: number): void;
}

/** When the request's time is up, on the clock of `performance.now()`; Infinity where it has no timeout. */
export function deadlineOf({ turn, timeout }: PendingRequest): number {
  return timeout === 0 ? Infinity : turn.time + timeout;
}

/** Calls back for each request whose deadline has passed, and returns the earliest deadline of the rest. */
export function findDue(
  pending: RequestTable<PendingRequest>,
  now: number,
  onDue: (request: PendingRequest) => void,
): number {
  let nextDeadline = Infinity;
  const isDue = (request: PendingRequest): boolean => {
    const deadline = deadlineOf(request);
    if (deadline <= now) return true;
    nextDeadline = Math.min(nextDeadline, deadline);
    return false;
  };
  for (const request of pending.select(isDue)) onDue(request);
  return nextDeadline;
}

export function extraOf(id: number, options: CheckedOptions | undefined, items: RequestExtra["items"]): RequestExtra {
  return {
    id,
    signal: options?.signal,
    onProgress: options?.onProgress,
    items,
    input: options?.input,
    stopInput: undefined,
    key: options?.key,
    priority: options?.priority ?? 0,
    abortGroup: undefined,
    previous: undefined,
    next: undefined,
  };
}

export function deliveryOf(request: PendingRequest): Delivery {
  return request.sentAs > 0 ? "unknown" : "not-sent";
}
