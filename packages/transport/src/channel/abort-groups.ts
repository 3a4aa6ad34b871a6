/**
 * Ties requests to abort signals with one listener per signal, however many requests share it: a listener per request
 * makes Node warn of a leak at eleven, and costs a search when it is removed.
 */
export class AbortGroups {
  readonly #onAbort: (id: number, reason: unknown) => void;
  readonly #groups = new Map<AbortSignal, { readonly ids: Set<number>; readonly listener: () => void }>();

  constructor(onAbort: (id: number, reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  add(signal: AbortSignal, id: number): void {
    const group = this.#groups.get(signal) ?? this.#open(signal);
    group.ids.add(id);
  }

  remove(signal: AbortSignal, id: number): void {
    const group = this.#groups.get(signal);
    if (group === undefined) return;
    group.ids.delete(id);
    if (group.ids.size === 0) this.#drop(signal, group.listener);
  }

  #open(signal: AbortSignal): { readonly ids: Set<number>; readonly listener: () => void } {
    const ids = new Set<number>();
    const listener = (): void => {
      this.#drop(signal, listener);
      for (const id of ids) this.#onAbort(id, signal.reason);
    };
    const group = { ids, listener };
    this.#groups.set(signal, group);
    signal.addEventListener("abort", listener, { once: true });
    return group;
  }

  #drop(signal: AbortSignal, listener: () => void): void {
    this.#groups.delete(signal);
    signal.removeEventListener("abort", listener);
  }
}
