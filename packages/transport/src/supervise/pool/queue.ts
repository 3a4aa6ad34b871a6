import type { ChannelError } from "../../errors.js";
import type { ChannelParts } from "../../channel/contract/parts.js";
import type { Lasting } from "../../channel/lasting.js";
import { LinkChannel } from "../../channel/link-channel.js";
import type { RequestExtra } from "../../channel/outgoing/pending.js";
import type { Counters } from "../../channel/records/counters.js";
import { PendingLink } from "../pending-link.js";
import { isBefore, Lane } from "./lanes.js";
import { placeOf } from "./rendezvous.js";

/** Beyond so many entries, lists are cleared of those that have been given up, when these are the most. */
const SWEEP_AT = 64;

/** What the channel says of what waits in it: a request has an id, and an extra where it has options. */
interface Waiting {
  readonly id?: number;
  readonly extra?: RequestExtra | undefined;
}

/**
 * Requests and notifications that no worker has room for. They wait in a channel without a link: it encodes them, bounds
 * them by number and by bytes, and settles them by their deadline, their signal, and its end. Here is their order: one
 * lane for those that any worker may take, and one for each place that some have a key for.
 */
export class Queue {
  readonly channel: LinkChannel;
  readonly counters: Counters;
  readonly #lasting: Lasting;
  readonly #places: () => readonly number[];
  readonly #onAdded: () => void;
  readonly #common = new Lane<object>();
  readonly #byPlace = new Map<number, Lane<object>>();
  #entries = 0;

  /**
   * @param places of which there is a lane for each
   * @param onAdded is told when something waits
   */
  constructor(
    parts: Omit<ChannelParts, "link" | "pid">,
    lasting: Lasting,
    places: () => readonly number[],
    onAdded: () => void,
  ) {
    this.#lasting = lasting;
    this.counters = lasting.counters;
    this.#places = places;
    this.#onAdded = onAdded;
    this.channel = new LinkChannel(
      { ...parts, link: new PendingLink(), pid: undefined, farewell: undefined },
      {
        lasting,
        isPending: true,
        onEnd: () => undefined,
        onWaiting: (owner) => {
          this.#add(owner);
        },
      },
    );
  }

  get isEmpty(): boolean {
    return this.channel.unsent.size === 0;
  }

  get size(): number {
    return this.channel.unsent.size;
  }

  /** Whether something waits that the worker in this place may take. It may have been given up. */
  hasFor(place: number): boolean {
    return this.#common.size > 0 || (this.#byPlace.get(place)?.size ?? 0) > 0;
  }

  /** Gives the worker in this place the first of what waits for it. */
  give(place: number, heir: LinkChannel): void {
    for (let owner = this.#shift(place); owner !== undefined; owner = this.#shift(place)) {
      if (this.channel.pass(owner, heir)) return;
    }
  }

  /** There are other places now: what has a key may be for another one. */
  relane(): void {
    const keyed = [...this.#byPlace.values()].flatMap((lane) => lane.takeAll());
    this.#byPlace.clear();
    this.#entries -= keyed.length;
    for (const { item } of keyed) this.#enter(item);
  }

  end(cause: ChannelError): void {
    this.channel.end(cause);
    this.#common.takeAll();
    this.#byPlace.clear();
    this.#entries = 0;
  }

  #add(owner: object): void {
    if (this.#entries > SWEEP_AT + 2 * this.size) this.#sweep();
    this.#enter(owner);
    this.#onAdded();
  }

  #enter(owner: object): void {
    const { id, extra } = owner as Waiting;
    const { key, priority = 0 } = extra ?? {};
    // A notification has no number of its own: it comes after the request before it.
    this.#laneOf(key).add({ item: owner, priority, order: id ?? this.#lasting.ids.last + 0.5 });
    this.#entries += 1;
  }

  #laneOf(key: string | number | undefined): Lane<object> {
    const places = key === undefined ? [] : this.#places();
    if (key === undefined || places.length === 0) return this.#common;
    const place = placeOf(key, places);
    let lane = this.#byPlace.get(place);
    if (lane === undefined) this.#byPlace.set(place, (lane = new Lane()));
    return lane;
  }

  #shift(place: number): object | undefined {
    const own = this.#byPlace.get(place);
    const entry = own?.first();
    const common = this.#common.first();
    const isOwn = entry !== undefined && isBefore(entry, common);
    const next = isOwn ? entry : common;
    if (next === undefined) return undefined;
    (isOwn ? own : this.#common)?.shift();
    this.#entries -= 1;
    return next.item;
  }

  /** Those that have been given up only leave when their turn comes. */
  #sweep(): void {
    const all = [this.#common, ...this.#byPlace.values()].flatMap((lane) => lane.takeAll());
    this.#byPlace.clear();
    this.#entries = 0;
    for (const { item } of all) if (this.channel.unsent.has(item)) this.#enter(item);
  }
}
