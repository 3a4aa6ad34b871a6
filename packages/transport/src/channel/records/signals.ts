/**
 * Abort signals, watched with one listener each, however many channels and requests share it: Node warns of a leak at
 * eleven listeners, and `AbortSignal.timeout` or a signal for the whole program is shared by all of a program's channels.
 */

type OnAbort = () => void;

interface Watch {
  readonly listener: () => void;
  readonly callbacks: Set<OnAbort>;
}

/** Weak: a signal that nobody holds any more is collected, watched or not. */
const watches = new WeakMap<AbortSignal, Watch>();

/** What a request rejects with when the signal has aborted. Signals that are none of the platform's may have no reason. */
export function reasonOf(signal: AbortSignal): unknown {
  try {
    const reason: unknown = signal.reason;
    return reason === undefined ? new DOMException("This operation was aborted", "AbortError") : reason;
  } catch (error) {
    return error;
  }
}

/** Calls back when the signal aborts, until `unwatchSignal`. Throws what the signal throws; nothing is watched then. */
export function watchSignal(signal: AbortSignal, onAbort: OnAbort): void {
  const known = watches.get(signal);
  if (known !== undefined) {
    known.callbacks.add(onAbort);
    return;
  }
  const watch = createWatch(signal);
  watch.callbacks.add(onAbort);
  watches.set(signal, watch);
  try {
    signal.addEventListener("abort", watch.listener);
  } catch (error) {
    watches.delete(signal);
    // It may have taken the listener before it threw.
    signal.removeEventListener("abort", watch.listener);
    throw error;
  }
}

/** Throws what the signal throws; the callback is not called in any case. */
export function unwatchSignal(signal: AbortSignal, onAbort: OnAbort): void {
  const watch = watches.get(signal);
  if (watch?.callbacks.delete(onAbort) !== true || watch.callbacks.size > 0) return;
  watches.delete(signal);
  signal.removeEventListener("abort", watch.listener);
}

function createWatch(signal: AbortSignal): Watch {
  const callbacks = new Set<OnAbort>();
  const listener = (): void => {
    // Anybody can dispatch an event; only a signal that says so has aborted.
    if (!signal.aborted) return;
    for (const onAbort of [...callbacks]) if (callbacks.has(onAbort)) onAbort();
  };
  return { listener, callbacks };
}
