import type { RequestId } from "../../protocol/contract.js";

const FIRST_CAPACITY = 64;

/**
 * Requests, by id. Whoever takes one out settles it: that is what makes each settle once.
 *
 * Ids count up, so a request's place is its id modulo the capacity; one whose place is still taken by an older request
 * goes to a map. A map for all would cost more than half of a request: one that sees ever new keys is rebuilt again and
 * again, and V8 links each old table to the next, so that what they refer to outlives many garbage collections.
 */
export class RequestTable<Entry extends { readonly id: number }> {
  #places: (Entry | undefined)[] = emptyPlaces(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;
  readonly #displaced = new Map<RequestId, Entry>();

  get size(): number {
    return this.#size;
  }

  add(request: Entry): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    this.#size += 1;
    const place = request.id & this.#mask;
    if (this.#places[place] === undefined) this.#places[place] = request;
    else this.#displaced.set(request.id, request);
  }

  get(id: RequestId): Entry | undefined {
    if (typeof id !== "number") return undefined;
    const request = this.#places[id & this.#mask];
    return request?.id === id ? request : this.#displaced.get(id);
  }

  /** Takes the request out; `undefined` when it has settled already, or never was. */
  take(id: RequestId): Entry | undefined {
    const request = this.get(id);
    if (request === undefined) return undefined;
    const place = request.id & this.#mask;
    if (this.#places[place] === request) this.#places[place] = undefined;
    else this.#displaced.delete(id);
    this.#size -= 1;
    return request;
  }

  /** All of them, in the order in which they were made. */
  all(): Entry[] {
    return this.select(() => true);
  }

  /** Those of which `isWanted` says so, in the order in which they were made. */
  select(isWanted: (request: Entry) => boolean): Entry[] {
    const wanted: Entry[] = [];
    for (const request of this.#displaced.values()) if (isWanted(request)) wanted.push(request);
    for (const request of this.#places) if (request !== undefined && isWanted(request)) wanted.push(request);
    return wanted.sort((one, other) => one.id - other.id);
  }

  takeAll(): Entry[] {
    const all = this.all();
    this.#places = emptyPlaces(FIRST_CAPACITY);
    this.#mask = FIRST_CAPACITY - 1;
    this.#displaced.clear();
    this.#size = 0;
    return all;
  }

  #grow(): void {
    const capacity = (this.#mask + 1) * 2;
    const all = this.takeAll();
    this.#places = emptyPlaces(capacity);
    this.#mask = capacity - 1;
    for (const request of all) this.add(request);
  }
}

function emptyPlaces(capacity: number): undefined[] {
  return new Array<undefined>(capacity).fill(undefined);
}
