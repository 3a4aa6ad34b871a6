import { ChannelError, RpcError } from "../../errors.js";
import type { PendingRequest } from "./pending.js";

type Capture = (error: Error, beside: () => void) => void;

/** Where the engine has it, it sees through `await`: what it writes down are the functions that wait. */
const { captureStackTrace } = Error as { captureStackTrace?: Capture };

/**
 * Rejects a request with an error of this library's, whose stack names the lines that wait for it. The stack of an error
 * that is made when an answer arrives or a time is up has only lines of this library, and keeping the caller's with each
 * request would cost more than the request. But the engine knows who waits for a promise, and says so from inside of a job
 * that will settle it: so that is where the stack is taken, of those requests only that fail.
 */
export function rejectTraced({ extra, resolve, reject }: PendingRequest, reason: unknown): void {
  // The waiter of a stream is no promise.
  const isTraceable = extra?.items === undefined && captureStackTrace !== undefined;
  if (!isTraceable || !(reason instanceof ChannelError || reason instanceof RpcError)) {
    reject(reason);
    return;
  }
  settleInJob(resolve, function here() {
    captureStackTrace(reason, here);
    throw reason;
  });
}

/** Resolves when whoever was rejected until now has been told: by the same steps, begun later. */
export function afterRejections(): Promise<void> {
  return new Promise((resolve) => {
    settleInJob(resolve, () => undefined);
  });
}

/** The promise is settled from here on; what it is settled with comes when the job has been tied to it. */
function settleInJob(resolve: (outcome: Promise<void>) => void, job: () => void): void {
  let start: () => void = () => undefined;
  resolve(new Promise<void>((go) => (start = go)).then(job));
  queueMicrotask(start);
}
