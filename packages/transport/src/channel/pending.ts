import type { AnyIterable } from "./stream-writer.js";

/** What settles a request, and what it gets before that. */
export interface Waiter {
  readonly resolve: (result: unknown) => void;
  readonly reject: (reason: unknown) => void;
  /** Items of a streamed answer; `undefined` where none are expected. */
  readonly items: ((items: readonly unknown[]) => void) | undefined;
}

/** A request that waits for its answer. */
export interface PendingRequest extends Waiter {
  readonly id: number;
  readonly method: string;
  /** When `request()` was called, on the clock of `performance.now()`. */
  readonly startedAt: number;
  /** Infinity where there is none. */
  readonly deadline: number;
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((value: unknown) => void) | undefined;
  readonly input: AnyIterable | undefined;
  /** False while it waits for room to be sent. */
  isSent: boolean;
  /** Stops the stream of inputs that goes with the request. */
  stopInput: (() => void) | undefined;
}
