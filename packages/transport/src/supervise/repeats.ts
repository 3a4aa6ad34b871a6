import { ChannelError } from "../errors.js";
import { CheckedOptions, timeoutFor } from "../channel/contract/request-options.js";
import { quarantinedError, timeoutError } from "../channel/records/errors.js";
import type { Death, Deaths } from "./deaths.js";
import type { RetryBudget } from "./retry-budget.js";

/** After so many deaths for which it may be to blame, a request is not sent again. */
const MAX_DEATHS = 2;
/** They come from outside of the worker, as a rule, and not from what it was asked. */
const SIGNALS_FROM_OUTSIDE: ReadonlySet<unknown> = new Set(["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]);

/** Has one worker after the other, or many. */
export interface Carrier {
  /** There will be no other worker. */
  readonly isOver: boolean;
  readonly deaths: Deaths;
  request(method: string, params: object | undefined, options: CheckedOptions): Promise<unknown>;
}

/** Requests that may run twice: sent again to the next worker when one dies over them. */
export class Repeats {
  readonly #carrier: Carrier;
  readonly #budget: RetryBudget;
  /** Milliseconds; 0 for none. */
  readonly #timeout: number;

  constructor(carrier: Carrier, budget: RetryBudget, timeout: number) {
    this.#carrier = carrier;
    this.#budget = budget;
    this.#timeout = timeout;
  }

  async request(method: string, params: object | undefined, checked: CheckedOptions): Promise<unknown> {
    // Inputs are gone when they have been read.
    if (checked.input !== undefined) return this.#carrier.request(method, params, checked);
    const timeout = timeoutFor(checked, this.#timeout);
    const deadline = timeout === 0 ? Infinity : performance.now() + timeout;
    for (let [deaths, left] = [0, timeout]; ; left = deadline - performance.now()) {
      if (left < 0) throw timeoutError(method, timeout, "unknown");
      try {
        return await this.#carrier.request(method, params, withTimeout(checked, left));
      } catch (error) {
        if (left < timeout && error instanceof ChannelError && error.code === "TIMEOUT")
          throw timeoutError(method, timeout, "unknown");
        const death = this.#carrier.deaths.behind(error);
        if (death === undefined || this.#carrier.isOver) throw error;
        if (mayBeToBlame(death) && wasSent(error)) deaths += 1;
        if (deaths === MAX_DEATHS) throw quarantinedError(method, death.cause);
        if (!this.#budget.take()) throw error;
      }
    }
  }
}

/** A signal from outside is nobody's fault, unless the request was all that the worker had to do, each time. */
function mayBeToBlame({ cause, inFlight }: Death): boolean {
  return inFlight <= 1 || !SIGNALS_FROM_OUTSIDE.has(cause.signal);
}

/** What a worker was not sent it has not died of. */
function wasSent(error: unknown): boolean {
  return !(error instanceof ChannelError && error.delivery === "not-sent");
}

function withTimeout(checked: CheckedOptions, timeout: number): CheckedOptions {
  if (timeout === checked.timeout) return checked;
  const { signal, onProgress, input, idempotent, key, priority } = checked;
  return new CheckedOptions({ timeout, signal, onProgress, input, idempotent, key, priority });
}
