import type { Changes } from "./changes.js";
import type { PoolPolicy } from "./options.js";
import type { Slot } from "./slot.js";
import type { Workers } from "./workers.js";

/** When all workers have had something to do for so many milliseconds, there is one more. */
const BUSY_MS = 50;
/** A look at all workers is taken this often, or more often where the options ask for a finer measure. */
const LOOK_MS = 1_000;
const LEAST_LOOK_MS = 10;

/** Node's timers can let the process go; the web's are numbers. */
type Timer = Partial<Record<"unref", () => void>> | undefined;

/** What a pool does by itself, in time: it grows, shrinks, and replaces workers that have served long enough. */
export class Upkeep {
  readonly #policy: PoolPolicy;
  readonly #workers: Workers;
  readonly #changes: Changes;
  readonly #onError: (error: unknown) => void;
  #growth: ReturnType<typeof setTimeout> | undefined;
  #look: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(policy: PoolPolicy, workers: Workers, changes: Changes, onError: (error: unknown) => void) {
    this.#policy = policy;
    this.#workers = workers;
    this.#changes = changes;
    this.#onError = onError;
  }

  /** Looks at the workers from now on, where there is something to look for. */
  start(): void {
    const { recycle } = this.#policy;
    const { min, max } = this.#changes.bounds;
    const isNeeded = min < max || recycle.afterMs !== Infinity || recycle.aboveBytes !== Infinity;
    if (isNeeded && this.#look === undefined) this.#lookLater();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#growth);
    clearTimeout(this.#look);
  }

  /** Each worker has something to do. */
  busy(): void {
    if (this.#growth !== undefined || this.#isStopped || !this.#changes.canGrow) return;
    this.#growth = setTimeout(() => {
      this.#growth = undefined;
      const { ready, slots } = this.#workers;
      if (!this.#changes.canGrow || !ready.every(({ load }) => load > 0)) return;
      // One that is on its way may be enough.
      if (ready.length === slots.length) this.#changes.grow();
      this.busy();
    }, BUSY_MS);
    (this.#growth as Timer)?.unref?.();
  }

  /** So many requests wait, and no worker has room for them. */
  crowded(queued: number): void {
    if (this.#isStopped) return;
    const { ready, slots } = this.#workers;
    let coming = slots.length - ready.length;
    for (; coming * this.#policy.maxInFlight < queued && this.#changes.canGrow; coming += 1) this.#changes.grow();
  }

  /** Whether the worker has been sent as much as it may. */
  isWorn(sent: number): boolean {
    return sent >= this.#policy.recycle.afterRequests;
  }

  recycle(slot: Slot): void {
    if (!this.#isStopped) this.#changes.recycle(slot, this.#onError);
  }

  #lookLater(): void {
    const { idleMs, recycle } = this.#policy;
    const finest = Math.min(LOOK_MS, idleMs / 4, recycle.afterMs / 4);
    this.#look = setTimeout(
      () => {
        this.#lookAtAll(performance.now());
        if (!this.#isStopped) this.#lookLater();
      },
      Math.max(finest, LEAST_LOOK_MS),
    );
    (this.#look as Timer)?.unref?.();
  }

  #lookAtAll(now: number): void {
    const { slots } = this.#workers;
    for (const slot of [...slots]) {
      if (slot.member === undefined) continue;
      this.#measureIdleness(slot, now);
      if (this.#isOld(slot, now)) this.recycle(slot);
    }
    // The last ones first: keys move the least when places come and go at the end.
    const idle = slots.filter(
      ({ member, idleSince }) => member !== undefined && now - idleSince >= this.#policy.idleMs,
    );
    idle.sort((one, other) => other.id - one.id);
    for (const slot of idle) if (slots.length > this.#changes.bounds.min) void this.#workers.remove(slot);
  }

  #measureIdleness(slot: Slot, now: number): void {
    const { member } = slot;
    const sent = member?.lasting.counters.requestsSent ?? 0;
    if (member?.load === 0 && sent === slot.sentBefore) return;
    slot.sentBefore = sent;
    slot.idleSince = now;
  }

  #isOld({ member }: Slot, now: number): boolean {
    const { afterMs, aboveBytes } = this.#policy.recycle;
    if (member === undefined) return false;
    if (now - member.startedAt >= afterMs) return true;
    return aboveBytes !== Infinity && (member.memoryBytes ?? 0) > aboveBytes;
  }
}
