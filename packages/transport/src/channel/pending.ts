import type { RequestId } from "../protocol/contract.js";

/** A request that waits for its answer. */
export interface PendingRequest {
  readonly id: number;
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** On the clock of `performance.now()`; Infinity where there is none. */
  readonly deadline: number;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
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

  /** Takes out all whose deadline has passed, and tells the earliest deadline of the rest. */
  takeExpired(now: number): { readonly expired: readonly PendingRequest[]; readonly nextDeadline: number } {
    const expired: PendingRequest[] = [];
    let nextDeadline = Infinity;
    for (const request of this.#requests.values()) {
      if (request.deadline <= now) expired.push(request);
      else if (request.deadline < nextDeadline) nextDeadline = request.deadline;
    }
    for (const request of expired) this.#requests.delete(request.id);
    return { expired, nextDeadline };
  }
}
