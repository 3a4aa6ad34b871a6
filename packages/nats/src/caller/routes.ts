import { RequestTable } from "@procwire/transport/extend";
import type { Payload } from "@procwire/transport";
import type { Seat } from "./seat.js";

/** A request on its way: which member has it, as soon as that is known. */
export interface Route {
  readonly id: number;
  readonly method: string;
  /** On the clock of `performance.now()`. */
  readonly sentAt: number;
  /** `undefined` until a member has said that it has the request. Most are answered before that. */
  seat: Seat | undefined;
  /** What is to be said about it as soon as it is known to whom. */
  waiting: Payload[] | undefined;
  /** The body that goes in parts, and the transfer's name. */
  readonly large: { readonly name: string; readonly data: Uint8Array } | undefined;
}

/** The requests of a link that wait for an answer, and who works on them. */
export class Routes {
  readonly #table = new RequestTable<Route>();

  get size(): number {
    return this.#table.size;
  }

  add(route: Route): void {
    this.#table.add(route);
  }

  get(id: unknown): Route | undefined {
    return typeof id === "number" ? this.#table.get(id) : undefined;
  }

  /** It has an answer, or will have none. */
  take(id: unknown): Route | undefined {
    if (typeof id !== "number") return undefined;
    const route = this.#table.take(id);
    route?.seat?.routes.delete(route);
    return route;
  }

  /** A member has said that it has the request: what was to be said about it goes there. */
  seat(id: number, seat: Seat): void {
    const route = this.#table.get(id);
    if (route === undefined || route.seat === seat) return;
    route.seat?.routes.delete(route);
    route.seat = seat;
    seat.routes.add(route);
    if (route.large !== undefined) seat.outlet.transfer(route.large.name, route.large.data);
    for (const payload of route.waiting ?? []) seat.outlet.send(payload);
    route.waiting = undefined;
    // A notification that was too long for one message has no answer to wait for.
    if (id < 0) this.take(id);
  }

  /** Those that nobody has said to have since this time. */
  unclaimedSince(time: number): Route[] {
    return this.#table.select(({ seat, sentAt }) => seat === undefined && sentAt < time);
  }
}
