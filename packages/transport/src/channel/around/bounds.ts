import type { ChannelError } from "../../errors.js";
import type { OutgoingCall } from "../contract/interceptors.js";
import { resolveTimeout } from "../contract/options.js";
import { quiet } from "../contract/outcome.js";
import { endedRequestError, timeoutError } from "../records/errors.js";
import { isSignal, reasonOf, unwatchSignal, watchSignal } from "../records/signals.js";

/** The request itself times out first, and knows better whether it was sent. */
const LATER_MS = 20;
/** Timers beyond this many milliseconds would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

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
    const timeout = this.#read(() => resolveTimeout(options?.timeout)) ?? 0;
    if (timeout === 0 || timeout > MAX_TIMER_MS - LATER_MS) return undefined;
    return setTimeout(() => {
      fail(timeoutError(method, timeout, "unknown"));
    }, timeout + LATER_MS);
  }

  #watch({ options }: OutgoingCall, fail: (reason: unknown) => void): () => void {
    const signal = this.#read(() => options?.signal);
    if (!isSignal(signal)) return () => undefined;
    // After the request, which has the same signal and heard of it first.
    const onAbort = (): void => {
      queueMicrotask(() => {
        fail(reasonOf(signal));
      });
    };
    this.#read(() => {
      watchSignal(signal, onAbort);
    });
    return () => {
      this.#try(() => {
        unwatchSignal(signal, onAbort);
      });
    };
  }

  /** What is wrong with the options is told by the request. */
  #read<Value>(read: () => Value): Value | undefined {
    try {
      return read();
    } catch {
      return undefined;
    }
  }

  #try(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#onError(error);
    }
  }
}
