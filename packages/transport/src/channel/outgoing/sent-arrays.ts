import type { PendingRequest, SentArray } from "./pending.js";

/**
 * The arrays that batches were sent in. Whoever can't read an array, or does not take one, can't tell whose it was: its
 * error has no id. Then each array of which nothing was answered yet can be the one.
 */
export class SentArrays {
  readonly #arrays = new Set<SentArray>();

  /** @param requests those that are sent in one array, at least one */
  open(requests: readonly PendingRequest[]): void {
    const array: SentArray = { open: new Set(requests.map(({ id }) => id)), isAnswered: false };
    for (const request of requests) request.array = array;
    this.#arrays.add(array);
  }

  /** The request waits no more. */
  leave({ id, array }: PendingRequest): void {
    if (array?.open.delete(id) === true && array.open.size === 0) this.#arrays.delete(array);
  }

  /** The requests of the arrays of which nothing was answered, by their ids. */
  unanswered(): number[] {
    return [...this.#arrays].filter(({ isAnswered }) => !isAnswered).flatMap(({ open }) => [...open]);
  }
}
