/** A group without requests keeps its listener this long: the next request on the same signal often comes at once. */
const LINGER_MS = 50;

/** The requests that one signal cancels. */
export interface AbortGroup {
  readonly signal: AbortSignal;
  readonly listener: () => void;
  size: number;
}

/**
 * Ties requests to abort signals with one listener per signal, however many requests share it: a listener per request
 * makes Node warn of a leak at eleven. Adding a listener and removing it costs more than a request, so the group that
 * was used last lingers for a moment when it is empty.
 */
export class AbortGroups {
  readonly #onAbort: (group: AbortGroup) => void;
  readonly #groups = new Map<AbortSignal, AbortGroup>();
  #last: AbortGroup | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param onAbort is to settle the group's requests, with the signal's reason */
  constructor(onAbort: (group: AbortGroup) => void) {
    this.#onAbort = onAbort;
  }

  /** Counts one request more on the signal, until `leave`. */
  join(signal: AbortSignal): AbortGroup {
    const last = this.#last;
    const group = last?.signal === signal ? last : (this.#groups.get(signal) ?? this.#open(signal));
    if (group !== last) {
      this.#last = group;
      if (last?.size === 0) this.#drop(last);
    }
    group.size += 1;
    return group;
  }

  leave(group: AbortGroup): void {
    group.size -= 1;
    if (group.size > 0) return;
    if (group !== this.#last) this.#drop(group);
    else if (this.#timer === undefined) this.#armSweep();
  }

  /** Nothing joins any more. */
  end(): void {
    clearTimeout(this.#timer);
    for (const group of this.#groups.values()) this.#drop(group);
  }

  #open(signal: AbortSignal): AbortGroup {
    const listener = (): void => {
      this.#drop(group);
      this.#onAbort(group);
    };
    const group: AbortGroup = { signal, listener, size: 0 };
    this.#groups.set(signal, group);
    signal.addEventListener("abort", listener, { once: true });
    return group;
  }

  #drop(group: AbortGroup): void {
    if (this.#last === group) this.#last = undefined;
    if (this.#groups.get(group.signal) === group) this.#groups.delete(group.signal);
    group.signal.removeEventListener("abort", group.listener);
  }

  #armSweep(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#last?.size === 0) this.#drop(this.#last);
    }, LINGER_MS);
    // Node's timers can let the process go; the web's are numbers.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}
