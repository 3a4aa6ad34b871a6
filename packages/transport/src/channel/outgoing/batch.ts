import { BATCH_CALL, type BatchCall, type BatchOptions } from "../contract/batch.js";
import type { NextCall } from "../contract/interceptors.js";
import { nameOf } from "../../checks/name-of.js";
import { optionsOf } from "../../checks/options.js";
import { checkOptions, type RequestOptions } from "../contract/request-options.js";
import type { Waiter } from "./pending.js";
import { assertMethod } from "./assert-method.js";

const checkCall = optionsOf<BatchCall>(BATCH_CALL);

/** The calls as they are now, each read once. Throws a `TypeError`, before any of them is on its way. */
export function checkCalls(calls: readonly BatchCall[]): BatchCall[] {
  if (!Array.isArray(calls)) throw new TypeError(`batch needs an array of calls, not ${nameOf(calls)}.`);
  return Array.from(calls as readonly unknown[], (given, at) => {
    const call = checkCall(given, { where: "batch", name: `calls[${at}]` });
    assertMethod(call.method, "batch");
    return call;
  });
}

/** The options of all calls, each read once. Inputs are announced before their request: which would they go with? */
export function checkBatchOptions(options: BatchOptions | undefined): BatchOptions | undefined {
  if (options === undefined) return undefined;
  const checked = checkOptions("batch", options);
  if (checked.input !== undefined) throw new TypeError("batch takes no input: send that request by itself.");
  return checked;
}

/** A call as it leaves in a batch. */
export interface BatchedCall {
  readonly method: string;
  readonly params: object | undefined;
  readonly options: RequestOptions | undefined;
  /** What settles a request; `undefined` for a notification. */
  readonly waiter: Waiter | undefined;
}

interface Joined {
  readonly call: BatchedCall;
  readonly waiter: Waiter;
}

/**
 * The calls of one batch, which may come from interceptors in their own time: it leaves as one message when each of its
 * places has a call, or will have none.
 */
export class Batch {
  readonly #send: (calls: readonly BatchedCall[]) => void;
  readonly #joined: (Joined | undefined)[];
  readonly #open: Set<number>;
  #failure: { readonly reason: unknown } | undefined;

  /** @param send sends all of them; what it throws is the outcome of each */
  constructor(size: number, send: (calls: readonly BatchedCall[]) => void) {
    this.#send = send;
    this.#joined = new Array<undefined>(size).fill(undefined);
    this.#open = new Set(this.#joined.keys());
  }

  /** Gives the place its call, and returns the outcome; `undefined` when the place is taken or the batch has left. */
  join(place: number, { method, params, options }: NextCall, isNotification: boolean): Promise<unknown> | undefined {
    if (!this.#open.has(place)) return undefined;
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      const call = { method, params, options, waiter: isNotification ? undefined : waiter };
      this.#joined[place] = { call, waiter };
      this.leave(place);
    });
  }

  /** Nobody will give the place a call any more. */
  leave(place: number): void {
    if (this.#open.delete(place) && this.#open.size === 0) this.#sendAll();
  }

  /** Waits for all outcomes. Rejects when the batch could not be sent, unless nobody saw that. */
  async settle(outcomes: readonly Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
    const settled = await Promise.allSettled(outcomes);
    const failure = this.#failure;
    if (failure === undefined) return settled;
    for (const one of settled) if (one.status === "rejected" && one.reason === failure.reason) throw failure.reason;
    return settled;
  }

  #sendAll(): void {
    const joined = this.#joined.filter((one) => one !== undefined);
    if (joined.length === 0) return;
    try {
      this.#send(joined.map(({ call }) => call));
      for (const { call, waiter } of joined) if (call.waiter === undefined) waiter.resolve(undefined);
    } catch (reason) {
      this.#failure = { reason };
      for (const { waiter } of joined) waiter.reject(reason);
    }
  }
}
