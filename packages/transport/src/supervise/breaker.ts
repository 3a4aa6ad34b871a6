import { ChannelError, RpcError, type ChannelErrorCode } from "../errors.js";
import type { BreakerState } from "../channel/contract/events.js";
import { composeRequest, type RequestInterceptor } from "../channel/contract/interceptors.js";
import type { Events } from "../channel/records/events.js";
import type { BreakerPolicy } from "./breaker-options.js";

/** What says that there is nobody to ask. An answer never does, whatever it is, nor does what is wrong with the request. */
const FAILURES: ReadonlySet<ChannelErrorCode> = new Set<ChannelErrorCode>([
  "WORKER_EXITED",
  "CHANNEL_CLOSED",
  "TIMEOUT",
  "FRAME_MALFORMED",
  "SPAWN_FAILED",
  "CONNECT_FAILED",
  "RESTARTS_EXHAUSTED",
]);

export interface Guarded {
  readonly breaker: Breaker | undefined;
  readonly requestInterceptor: RequestInterceptor | undefined;
}

/** A breaker around the other interceptors, where there is a policy: what they try again counts as one call. */
export function withBreaker(
  policy: BreakerPolicy | undefined,
  events: Events,
  inner: RequestInterceptor | undefined,
): Guarded {
  if (policy === undefined) return { breaker: undefined, requestInterceptor: inner };
  const breaker = new Breaker(policy, events);
  const { interceptor } = breaker;
  return { breaker, requestInterceptor: inner === undefined ? interceptor : composeRequest([interceptor, inner]) };
}

/**
 * Refuses calls for a while when so many in a row have failed for want of a worker, instead of letting each find that
 * out. After that one call is let through to see; its outcome decides for the others.
 */
export class Breaker {
  readonly #policy: BreakerPolicy;
  readonly #events: Events;
  #state: BreakerState = "closed";
  /** In a row. */
  #failures = 0;
  /** On the clock of `performance.now()`. */
  #opensUntil = 0;
  /** The call that is to show whether there is somebody again. */
  #probe: object | undefined;

  constructor(policy: BreakerPolicy, events: Events) {
    this.#policy = policy;
    this.#events = events;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** To be the outermost one: `withBreaker` sees to that. */
  readonly interceptor: RequestInterceptor = async (call, next) => {
    // Whether a notification arrives is never told.
    if (call.kind === "notification") return next(call);
    const ticket = this.#admit(call.method);
    try {
      const outcome = await next(call);
      if (call.kind === "stream") return this.#watched(outcome as AsyncIterable<unknown>, ticket);
      this.#succeeded(ticket);
      return outcome;
    } catch (error) {
      this.#judge(error, ticket);
      throw error;
    }
  };

  /** Throws `CIRCUIT_OPEN`. A probe that has no outcome for as long as the circuit would be open is followed by another. */
  #admit(method: string): object {
    const ticket = {};
    if (this.#state === "closed") return ticket;
    const now = performance.now();
    if (now < this.#opensUntil) throw openError(method, this.#opensUntil - now);
    this.#probe = ticket;
    this.#opensUntil = now + this.#policy.coolDownMs;
    if (this.#state === "open") this.#enter("half-open");
    return ticket;
  }

  /** No generator: leaving the stream must not wait behind an item that is waited for. */
  #watched(items: AsyncIterable<unknown>, ticket: object): AsyncIterableIterator<unknown, unknown, undefined> {
    const iterator: AsyncIterator<unknown, unknown> = items[Symbol.asyncIterator]();
    const watched: AsyncIterableIterator<unknown, unknown, undefined> = {
      [Symbol.asyncIterator]: () => watched,
      next: async () => {
        try {
          const step = await iterator.next();
          this.#succeeded(ticket);
          return step;
        } catch (error) {
          this.#judge(error, ticket);
          throw error;
        }
      },
      return: async (value) => {
        this.#forget(ticket);
        return (await iterator.return?.(value)) ?? { done: true, value };
      },
    };
    return watched;
  }

  #judge(error: unknown, ticket: object): void {
    if (error instanceof ChannelError && FAILURES.has(error.code)) this.#failed(ticket);
    else if (error instanceof RpcError) this.#succeeded(ticket);
    else this.#forget(ticket);
  }

  #succeeded(ticket: object): void {
    // What was asked before it opened says nothing about now.
    if (this.#state !== "closed" && ticket !== this.#probe) return;
    this.#failures = 0;
    this.#probe = undefined;
    if (this.#state !== "closed") this.#enter("closed");
  }

  #failed(ticket: object): void {
    if (this.#state !== "closed" && ticket !== this.#probe) return;
    this.#failures += 1;
    if (this.#state === "closed" && this.#failures < this.#policy.failures) return;
    this.#probe = undefined;
    this.#opensUntil = performance.now() + this.#policy.coolDownMs;
    this.#enter("open");
  }

  /** Nothing was learnt from this call: another may be the probe. */
  #forget(ticket: object): void {
    if (ticket !== this.#probe) return;
    this.#probe = undefined;
    this.#opensUntil = 0;
    this.#enter("open");
  }

  #enter(state: BreakerState): void {
    this.#state = state;
    const retryAfterMs = state === "open" ? Math.max(this.#opensUntil - performance.now(), 0) : undefined;
    this.#events.emit({ type: "breaker", state, retryAfterMs });
  }
}

function openError(method: string, retryAfterMs: number): ChannelError {
  const text = `${method}: too many calls in a row got no answer, so this one was not sent.`;
  const message = `${text} Try again in ${Math.ceil(retryAfterMs)} ms.`;
  return new ChannelError("CIRCUIT_OPEN", message, { method, delivery: "not-sent", retryAfterMs });
}
