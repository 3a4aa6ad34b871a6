import { ChannelError, type RequestOptions } from "@procwire/transport";
import type { ReadCall } from "./call-options.js";
import type { NatsChannelParts } from "./nats-channel.js";

/** So often a request is made at most. */
const ATTEMPTS = 10;
/** So many workers may have died over a request. */
const DEATHS = 2;
/** For so long after a reconnect the members may still be on their way back. */
const SETTLE_MS = 5_000;
/** The pause before the next attempt, at most, times the number of attempts. */
const PAUSE_MS = 50;

/** Requests that are made again: where nobody was reached, and idempotent ones of which it is not known. */
export class Repeats {
  count = 0;
  readonly #parts: NatsChannelParts;

  constructor(parts: NatsChannelParts) {
    this.#parts = parts;
  }

  /** The connection is being restored, or has just been: the members may be on their way back. */
  get isUnsettled(): boolean {
    const { inner, restoredAt } = this.#parts;
    return inner.state !== "ready" || performance.now() - restoredAt() < SETTLE_MS;
  }

  async request(method: string, params: object | undefined, call: ReadCall): Promise<unknown> {
    const { inner, asides, directory } = this.#parts;
    const deadline = call.timeout === 0 ? Infinity : performance.now() + call.timeout;
    let deaths = 0;
    for (let attempt = 1; ; attempt += 1) {
      if (call.aside?.key !== undefined) await directory()?.ready();
      const left = attempt === 1 ? call.timeout : Math.max(deadline - performance.now(), 1);
      const options =
        deadline === Infinity ? call.options : { ...(call.options as RequestOptions | undefined), timeout: left };
      try {
        return await asides.during(call.aside, () => inner.request<unknown>(method, params, options));
      } catch (error) {
        if (!(error instanceof ChannelError) || call.options?.input !== undefined) throw error;
        if (call.options?.signal?.aborted === true || inner.state === "closing" || inner.state === "closed")
          throw error;
        if (isDeathOfWorker(error)) deaths += 1;
        if (call.isIdempotent && deaths === DEATHS) throw quarantined(method, error);
        if (attempt >= ATTEMPTS || !this.#mayPass(error, call)) throw error;
        const pauseMs = Math.random() * PAUSE_MS * attempt;
        if (performance.now() + pauseMs >= deadline) throw error;
        this.count += 1;
        if (call.aside?.key !== undefined) directory()?.forget();
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  #mayPass(error: ChannelError, { isIdempotent, aside }: ReadCall): boolean {
    const { code, delivery } = error;
    // Nobody was there: with a key somebody else may be, and after a reconnect as well.
    if (code === "CONNECT_FAILED" && delivery === "not-sent") return aside?.key !== undefined || this.isUnsettled;
    return isIdempotent && (code === "WORKER_EXITED" || code === "CONNECT_FAILED" || code === "CHANNEL_CLOSED");
  }
}

/** Of a member's worker, and not of a member. */
function isDeathOfWorker({ code, exitCode, signal }: ChannelError): boolean {
  return code === "WORKER_EXITED" && (exitCode !== undefined || signal !== undefined);
}

function quarantined(method: string, cause: ChannelError): ChannelError {
  const text = `${method}: two workers have died while they worked on this request, so it is not sent to a third.`;
  const { exitCode, signal } = cause;
  const details = { cause, method, delivery: "unknown", exitCode, signal } as const;
  return new ChannelError("QUARANTINED", `${text} The last time: ${cause.message}`, details);
}
