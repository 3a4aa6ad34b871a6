import type { Seat } from "./seat.js";

/** Requests that members have made of this caller: what is said about one goes to the member that made it. */
export class Asked {
  readonly #bySeat = new Map<unknown, Seat>();

  add(id: unknown, seat: Seat): void {
    this.#bySeat.set(id, seat);
    seat.asked.add(id);
  }

  of(id: unknown): Seat | undefined {
    return this.#bySeat.get(id);
  }

  /** It is answered. */
  forget(id: unknown): void {
    this.#bySeat.get(id)?.asked.delete(id);
    this.#bySeat.delete(id);
  }

  /** The member is gone. */
  leave(seat: Seat): void {
    for (const id of seat.asked) this.#bySeat.delete(id);
  }
}
