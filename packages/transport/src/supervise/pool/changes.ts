import type { Bounds } from "./options.js";
import type { Slot } from "./slot.js";
import type { Workers } from "./workers.js";

/** After a replacement that could not be started, the next is not tried for so many milliseconds. */
const PAUSE_MS = 5_000;

/** Changes of a pool that lose no request: what is taken away finishes its requests, after what takes its place has come. */
export class Changes {
  bounds: Bounds;
  readonly #workers: Workers;

  constructor(workers: Workers, bounds: Bounds) {
    this.#workers = workers;
    this.bounds = bounds;
  }

  get canGrow(): boolean {
    return this.#workers.slots.length < this.bounds.max && !this.#workers.isOver;
  }

  /** One worker more. When it can't be started that is tried again as after a death. */
  grow(): void {
    this.#workers.start(this.#workers.add()).catch(() => undefined);
  }

  async resize(bounds: Bounds): Promise<void> {
    const { slots } = this.#workers;
    this.bounds = bounds;
    const changes: Promise<void>[] = [];
    while (slots.length < bounds.min) changes.push(this.#workers.start(this.#workers.add()));
    while (slots.length > bounds.max) changes.push(this.#workers.remove(this.#leastNeeded()));
    await Promise.all(changes);
  }

  /** One after the other, so that there is one worker too many at most. */
  async rollingRestart(): Promise<void> {
    const { slots, spares } = this.#workers;
    for (const slot of [...slots, ...spares]) {
      // One that is being started is new already.
      if (slot.member !== undefined && !slot.isRetired && !this.#workers.isOver) await this.replace(slot);
    }
  }

  /** A new worker for the place; then the old one leaves. Rejects when none can be started: the old one serves on then. */
  replace(slot: Slot): Promise<void> {
    slot.replacing ??= this.#replace(slot).finally(() => (slot.replacing = undefined));
    return slot.replacing;
  }

  /** The same, when the time has come; once, however often it is asked for. */
  recycle(slot: Slot, onError: (error: unknown) => void): void {
    if (slot.replacing !== undefined || performance.now() < slot.replaceAfter) return;
    this.replace(slot).catch((error: unknown) => {
      slot.replaceAfter = performance.now() + PAUSE_MS;
      if (!this.#workers.isOver && !slot.isRetired) onError(error);
    });
  }

  async #replace(slot: Slot): Promise<void> {
    const member = await this.#workers.open(slot);
    const left = this.#workers.seat(slot, member);
    // It is new from here on: the old one may take its time to leave.
    slot.replacing = undefined;
    await left;
  }

  /** A place without a worker, and else the last one. */
  #leastNeeded(): Slot {
    const { slots } = this.#workers;
    const last = slots.reduce((one, other) => (other.id > one.id ? other : one));
    return slots.find(({ member }) => member === undefined) ?? last;
  }
}
