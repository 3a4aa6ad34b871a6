import type { Outlet } from "../wire/outlet.js";
import type { Assembler } from "../wire/assembler.js";
import type { Publisher } from "../wire/publisher.js";
import { Kind, lastToken } from "../wire/subjects.js";
import type { Route } from "./routes.js";

/** So many questions in a row without an answer, and a member counts as gone. */
const MISSES = 3;

/** A member that has requests of this caller, or asks this caller something. */
export interface Seat {
  /** Where the member is reached. */
  readonly base: string;
  readonly outlet: Outlet;
  readonly assembler: Assembler;
  readonly routes: Set<Route>;
  /** Requests of the member's that are open here. */
  readonly asked: Set<unknown>;
  missed: number;
}

/** The members that a caller has to do with now. Those on whom it waits are asked again and again whether they live. */
export class Seats {
  readonly #byBase = new Map<string, Seat>();
  readonly #create: (base: string) => Seat;
  readonly #publisher: Publisher;
  readonly #inbox: string;

  constructor(publisher: Publisher, inbox: string, create: (base: string) => Seat) {
    this.#publisher = publisher;
    this.#inbox = inbox;
    this.#create = create;
  }

  get all(): Iterable<Seat> {
    return this.#byBase.values();
  }

  get queuedBytes(): number {
    let sum = 0;
    for (const { outlet } of this.#byBase.values()) sum += outlet.queuedBytes;
    return sum;
  }

  /** @param base as a member has named it */
  of(base: string): Seat {
    const known = this.#byBase.get(base);
    if (known !== undefined) return known;
    const seat = this.#create(base);
    this.#byBase.set(base, seat);
    return seat;
  }

  find(base: string): Seat | undefined {
    return this.#byBase.get(base);
  }

  /** Asks each whether it lives; returns those that have not answered often enough, and forgets whom nothing waits for. */
  ask(): Seat[] {
    const gone: Seat[] = [];
    for (const seat of this.#byBase.values()) {
      if (seat.routes.size === 0 && seat.asked.size === 0 && seat.outlet.queuedBytes === 0) this.leave(seat);
      else if (seat.missed >= MISSES) gone.push(seat);
      else {
        seat.missed += 1;
        this.#publisher.publish(`${seat.base}.${Kind.ping}`, "", `${this.#inbox}.${Kind.ping}.${lastToken(seat.base)}`);
      }
    }
    return gone;
  }

  /** By the last token of its base. */
  named(name: string): Seat | undefined {
    for (const seat of this.#byBase.values()) if (lastToken(seat.base) === name) return seat;
    return undefined;
  }

  leave(seat: Seat): void {
    this.#byBase.delete(seat.base);
    seat.outlet.close();
    seat.assembler.close();
  }

  close(): void {
    for (const seat of this.#byBase.values()) this.leave(seat);
  }
}
