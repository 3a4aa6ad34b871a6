import type { RequestId } from "../protocol/contract.js";

/** What settles a request, and what it gets before that. */
export interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Items of a streamed answer; `undefined` where none are expected. */
  readonly items: ((items: readonly unknown[]) => void) | undefined;
}

/** A request that waits for its answer. */
export interface PendingRequest extends Waiter {
  readonly id: number;
  readonly method: string;
  /** When `request()` was called, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Infinity where there is none. */
  readonly deadline: number;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
  /** False while it waits for room to be sent. */
  isSent: boolean;
  /** Stops the stream of inputs that goes with the request. */
  stopInput: (() => void) | undefined;
}

export interface Expired {
  readonly expired: readonly PendingRequest[];
  /** The earliest deadline of the rest; Infinity when there is none. */
  readonly nextDeadline: number;
}

/** Requests in flight, by id. Whoever takes one out settles it: that is what makes each settle once. */
export class PendingRequests {
  readonly #requests = new Map<RequestId, PendingRequest>();

  get size(): number {
    return this.#requests.size;
  }

  add(request: PendingRequest): void {
    this.#requests.set(request.id, request);
  }

  get(id: RequestId): PendingRequest | undefined {
    return this.#requests.get(id);
  }

  /** Takes the request out; `undefined` when it has settled already, or never was. */
  take(id: RequestId): PendingRequest | undefined {
    const request = this.#requests.get(id);
    if (request !== undefined) this.#requests.delete(id);
    return request;
  }

  takeAll(): PendingRequest[] {
    const all = [...this.#requests.values()];
    this.#requests.clear();
    return all;
  }

  /** Finds all whose deadline has passed. */
  expired(now: number): Expired {
    const expired: PendingRequest[] = [];
    let nextDeadline = Infinity;
    for (const request of this.#requests.values()) {
      if (request.deadline <= now) expired.push(request);
      else if (request.deadline < nextDeadline) nextDeadline = request.deadline;
    }
    return { expired, nextDeadline };
  }
}
