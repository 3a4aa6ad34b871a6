import { ChannelError, RpcError, type ChannelErrorCode } from "../errors.js";
import type { NextCall, OutgoingCall, RequestInterceptor } from "../channel/contract/interceptors.js";
import { timeoutOf } from "../channel/contract/options.js";
import { watchSignal, unwatchSignal, reasonOf } from "../channel/records/signals.js";
import { JsonRpcErrorCode } from "../protocol/error-codes.js";
import { count, func } from "../checks/kinds.js";
import { readOptions, type OptionTable } from "../checks/options.js";
import { delaysOf, timerMs } from "./options.js";
import { backoff } from "./restart-budget.js";

export interface RetryOptions {
  /** So often a call is made at most, the first time included. Default 3. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the next attempt, at least. Default 20; see `RestartOptions.minDelayMs`. */
  readonly minDelayMs?: number | undefined;
  /** And at most. Default 2,000. */
  readonly maxDelayMs?: number | undefined;
  /**
   * Which failures are worth another attempt. Default: those by which the method has not run, `-32000` (busy) and
   * errors with `delivery: "not-sent"` that may pass; and of `idempotent` requests also timeouts and lost workers.
   */
  readonly when?: ((error: unknown, call: OutgoingCall) => boolean) | undefined;
}

export const RETRY_OPTIONS: OptionTable<RetryOptions> = {
  attempts: count(1),
  minDelayMs: timerMs(0),
  maxDelayMs: timerMs(0),
  when: func("such as (error) => error.code === -32000"),
};

/** They pass, or may. */
const PASSING: ReadonlySet<ChannelErrorCode> = new Set<ChannelErrorCode>(["OVERLOADED", "TIMEOUT", "CIRCUIT_OPEN"]);
/** Somebody may have died over it, and whether it has run is not known. */
const LOST: ReadonlySet<ChannelErrorCode> = new Set<ChannelErrorCode>(["TIMEOUT", "WORKER_EXITED"]);

/**
 * An interceptor that makes requests again that failed for a reason that may pass: with growing, random delays, and
 * within the request's own `timeout`, which holds for all attempts together. Streams and notifications pass by.
 */
export function retry(options?: RetryOptions): RequestInterceptor {
  const checked = readOptions("retry", options, RETRY_OPTIONS);
  const { attempts = 3, when = isWorthIt } = checked;
  const { minDelayMs, maxDelayMs } = delaysOf("retry", checked, { minDelayMs: 20, maxDelayMs: 2_000 });
  return async (call, next) => {
    if (call.kind !== "request" || call.options?.input !== undefined) return next(call);
    const deadline = deadlineOf(call);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await next(attempt === 1 ? call : withTimeLeft(call, deadline));
      } catch (error) {
        const delayMs = delayOf(error, backoff(attempt, minDelayMs, maxDelayMs, Math.random()));
        if (attempt >= attempts || performance.now() + delayMs >= deadline || !when(error, call)) throw error;
        await sleep(delayMs, call.options?.signal);
      }
    }
  };
}

function isWorthIt(error: unknown, { options }: OutgoingCall): boolean {
  if (error instanceof RpcError) return error.code === JsonRpcErrorCode.busy;
  if (!(error instanceof ChannelError)) return false;
  if (error.delivery === "not-sent") return PASSING.has(error.code);
  return options?.idempotent === true && LOST.has(error.code);
}

/** A circuit that is open says when it will not be. */
function delayOf(error: unknown, delayMs: number): number {
  return error instanceof ChannelError ? Math.max(delayMs, error.retryAfterMs ?? 0) : delayMs;
}

function deadlineOf({ options }: OutgoingCall): number {
  const timeout = timeoutOf(options?.timeout);
  return timeout === 0 ? Infinity : performance.now() + timeout;
}

function withTimeLeft(call: OutgoingCall, deadline: number): NextCall {
  if (deadline === Infinity) return call;
  return { ...call, options: { ...call.options, timeout: Math.max(deadline - performance.now(), 1) } };
}

/** Rejects with the signal's reason when that aborts before the time is over. */
async function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort: () => void = () => undefined;
  await new Promise<void>((resolve) => {
    onAbort = resolve;
    timer = setTimeout(resolve, milliseconds);
    if (signal?.aborted === true) resolve();
    else if (signal !== undefined) watchSignal(signal, onAbort);
  });
  clearTimeout(timer);
  if (signal === undefined) return;
  unwatchSignal(signal, onAbort);
  if (signal.aborted) throw reasonOf(signal);
}
