import type { Waiter } from "./pending.js";

/** One call of `channel.batch()`. */
export interface BatchCall {
  readonly method: string;
  readonly params?: object;
  /** True: a notification. Its place in the results is fulfilled with `undefined`. */
  readonly notify?: boolean;
}

/** A promise for each call of a batch, and what settles them. */
export function createWaiters(calls: readonly BatchCall[]): {
  readonly waiters: (Waiter | undefined)[];
  readonly settled: Promise<PromiseSettledResult<unknown>[]>;
} {
  const promises: Promise<unknown>[] = [];
  const waiters = calls.map(({ notify }) => {
    if (notify === true) {
      promises.push(Promise.resolve());
      return undefined;
    }
    let waiter: Waiter | undefined;
    promises.push(new Promise((resolve, reject) => (waiter = { resolve, reject })));
    return waiter;
  });
  return { waiters, settled: Promise.allSettled(promises) };
}
