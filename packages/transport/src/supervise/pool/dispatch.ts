import type { LinkChannel } from "../../channel/link-channel.js";
import type { Member } from "./member.js";
import { placeOf } from "./rendezvous.js";
import type { Queue } from "./queue.js";
import type { Upkeep } from "./upkeep.js";
import type { Workers } from "./workers.js";

/** Who gets what is to be sent: the least busy worker that has room, or the queue. */
export class Dispatch {
  readonly #workers: Workers;
  readonly #queue: Queue;
  readonly #upkeep: Upkeep;
  readonly #maxInFlight: number;
  readonly #onCame: (() => void)[] = [];
  #isWatching = false;
  #isPumping = false;

  constructor(workers: Workers, queue: Queue, upkeep: Upkeep, maxInFlight: number) {
    this.#workers = workers;
    this.#queue = queue;
    this.#upkeep = upkeep;
    this.#maxInFlight = maxInFlight;
  }

  /** The channel for one request. */
  channel(): LinkChannel {
    const { unsent } = this.#queue.channel;
    // Who waits already comes first.
    if (unsent.size > 0) return this.#queue.channel;
    const member = this.#least(1);
    if (member === undefined) return this.#queue.channel;
    if (member.load > 0) this.#upkeep.busy();
    return this.#sending(member);
  }

  /** The same for a request with a key: of one worker, whether it runs or not. */
  channelFor(key: string | number | undefined): LinkChannel {
    if (key === undefined) return this.channel();
    const { slots } = this.#workers;
    if (slots.length === 0) return this.#queue.channel;
    const place = placeOf(
      key,
      slots.map(({ id }) => id),
    );
    const member = slots.find(({ id }) => id === place)?.member;
    const isFree = member?.channel.isGone === false && member.load < this.#maxInFlight && !this.#queue.hasFor(place);
    return isFree ? this.#sending(member) : this.#queue.channel;
  }

  /** The channel for so many requests that leave together. */
  channelForAll(requests: number, key: string | number | undefined): LinkChannel {
    if (key !== undefined) return requests === 1 ? this.channelFor(key) : this.#queue.channel;
    const member = this.#queue.isEmpty ? this.#least(requests) : undefined;
    return member === undefined ? this.#queue.channel : this.#sending(member);
  }

  /** The channel for a notification, which needs no room. */
  channelForNotification(): LinkChannel {
    return this.#leastOf(Infinity, () => true)?.channel ?? this.#queue.channel;
  }

  /** Something waits, or somebody has room. */
  readonly pumpSoon = (): void => {
    if (this.#isPumping) return;
    this.#isPumping = true;
    // In one go for all that settles in this turn, and not while a request is being settled.
    queueMicrotask(() => {
      this.#isPumping = false;
      this.#pump();
    });
  };

  /** Resolves when another worker has come. */
  nextWorker(): Promise<void> {
    return new Promise((resolve) => this.#onCame.push(resolve));
  }

  /** A worker has come. */
  came(member: Member): void {
    for (const resolve of this.#onCame.splice(0)) resolve();
    if (this.#isWatching) member.watchSettled(this.pumpSoon);
    if (!this.#queue.isEmpty) this.pumpSoon();
  }

  #pump(): void {
    const hasWork = ({ place }: Member): boolean => this.#queue.hasFor(place);
    while (!this.#queue.isEmpty) {
      const member = this.#leastOf(this.#maxInFlight, hasWork);
      if (member === undefined) break;
      this.#queue.give(member.place, this.#sending(member));
    }
    this.#watch(!this.#queue.isEmpty);
    if (!this.#queue.isEmpty) this.#upkeep.crowded(this.#queue.size);
  }

  /** As long as something waits, each request that settles makes room. */
  #watch(isWatching: boolean): void {
    if (isWatching === this.#isWatching) return;
    this.#isWatching = isWatching;
    for (const member of this.#workers.ready) member.watchSettled(isWatching ? this.pumpSoon : undefined);
  }

  #sending(member: Member): LinkChannel {
    const { requestsSent } = member.lasting.counters;
    if (this.#upkeep.isWorn(requestsSent + 1)) this.#recycle(member);
    return member.channel;
  }

  #recycle(member: Member): void {
    const slot = this.#workers.slots.find((one) => one.member === member);
    if (slot !== undefined) this.#upkeep.recycle(slot);
  }

  /** The hot one of the two. */
  #least(room: number): Member | undefined {
    let least = this.#maxInFlight - room + 1;
    let best: Member | undefined;
    for (const member of this.#workers.ready) {
      const { load } = member;
      if (load >= least) continue;
      least = load;
      best = member;
    }
    return best;
  }

  #leastOf(limit: number, isWanted: (member: Member) => boolean): Member | undefined {
    let least = limit;
    let best: Member | undefined;
    for (const member of this.#workers.ready) {
      if (member.load >= least || !isWanted(member)) continue;
      least = member.load;
      best = member;
    }
    return best;
  }
}
