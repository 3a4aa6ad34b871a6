import { MAX_TIMER_MS } from "../../limits.js";
import type { ChannelError } from "../../errors.js";
import type { OutgoingCall } from "../contract/interceptors.js";
import { timeoutOf } from "../contract/options.js";
import { quiet } from "../contract/outcome.js";
import { endedRequestError, timeoutError } from "../records/errors.js";
import { reasonOf, unwatchSignal, watchSignal } from "../records/signals.js";

/** The request itself times out first, and knows better whether it was sent. */
const LATER_MS = 20;

/** The outer bounds of one call. */
export interface Bound {
  /** Rejects when the call must not go on. */
  readonly failed: Promise<never>;
  /** The call has settled. */
  readonly release: () => void;
}

/**
 * A call settles by the timeout and the signal that it was made with, and at `close()`, whatever its interceptors do with
 * it: they may wait for ever.
 */
export class Bounds {
  readonly #open = new Set<(cause: ChannelError) => void>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** @param call with options that have been checked */
  open(call: OutgoingCall): Bound {
    let fail: (reason: unknown) => void = () => undefined;
    const failed = quiet(new Promise<never>((_resolve, reject) => (fail = reject)));
    const close = (cause: ChannelError): void => {
      fail(endedRequestError(cause, call.method, "unknown"));
    };
    this.#open.add(close);
    const timer = this.#armTimer(call, fail);
    const unwatch = this.#watch(call, fail);
    return {
      failed,
      release: () => {
        this.#open.delete(close);
        clearTimeout(timer);
        unwatch();
      },
    };
  }

  /** This side has closed the channel. */
  close(cause: ChannelError): void {
    for (const close of [...this.#open]) close(cause);
  }

  #armTimer(
    { method, options }: OutgoingCall,
    fail: (reason: unknown) => void,
  ): ReturnType<typeof setTimeout> | undefined {
    const timeout = timeoutOf(options?.timeout);
    if (timeout === 0 || timeout > MAX_TIMER_MS - LATER_MS) return undefined;
    return setTimeout(() => {
      fail(timeoutError(method, timeout, "unknown"));
    }, timeout + LATER_MS);
  }

  #watch({ options }: OutgoingCall, fail: (reason: unknown) => void): () => void {
    const signal = options?.signal;
    if (signal === undefined) return () => undefined;
    // After the request, which has the same signal and heard of it first.
    const onAbort = (): void => {
      queueMicrotask(() => {
        fail(reasonOf(signal));
      });
    };
    try {
      watchSignal(signal, onAbort);
    } catch {
      // The request, which has the same signal, fails by it.
    }
    return () => {
      try {
        unwatchSignal(signal, onAbort);
      } catch (error) {
        this.#onError(error);
      }
    };
  }
}
