import type { Interception } from "../around/interception.js";
import type { BatchCall, BatchOptions } from "../contract/batch.js";
import type { NextCall } from "../contract/interceptors.js";
import { Batch, checkBatchOptions, checkCalls, type BatchedCall } from "./batch.js";

/** The ways out that a batch needs. */
export interface BatchWays {
  readonly interception: Interception;
  /** Sends all of them as one. Throws what they can be refused with. */
  array(calls: readonly BatchedCall[]): void;
  readonly request: (call: NextCall) => Promise<unknown>;
  readonly notify: (call: NextCall) => Promise<void>;
}

/** See `channel.batch()`. */
export async function runBatch(
  calls: readonly BatchCall[],
  options: BatchOptions | undefined,
  ways: BatchWays,
): Promise<PromiseSettledResult<unknown>[]> {
  const given = checkBatchOptions(options);
  const checked = checkCalls(calls);
  const batch = new Batch(checked.length, (batched) => {
    ways.array(batched);
  });
  return batch.settle(checked.map((call, place) => join(batch, place, call, given, ways)));
}

/** A batch does not wait: what can't leave now waits one by one, and any of them may be given up. */
export function sendSingly(
  calls: readonly BatchedCall[],
  { request, notify }: Pick<BatchWays, "request" | "notify">,
): void {
  for (const { waiter, ...call } of calls) {
    if (waiter === undefined) void notify(call);
    else request(call).then(waiter.resolve, waiter.reject);
  }
}

function join(
  batch: Batch,
  place: number,
  { method, params, notify = false }: BatchCall,
  options: BatchOptions | undefined,
  ways: BatchWays,
): Promise<unknown> {
  // A call that comes again, after the batch has left, goes by itself.
  const send = (call: NextCall): Promise<unknown> =>
    batch.join(place, call, notify) ?? (notify ? ways.notify(call) : ways.request(call));
  const call = { kind: notify ? "notification" : "request", method, params, options } as const;
  if (!ways.interception.isNeeded) return send(call);
  return ways.interception.run(call, send).finally(() => {
    batch.leave(place);
  });
}
