import { ChannelError } from "../../errors.js";
import type { ChannelParts } from "../contract/parts.js";
import type { Counters } from "./counters.js";

type Parts = Pick<ChannelParts, "speaks" | "warnAfterMs" | "pid" | "onError">;

/** Knows why nothing was said, where this side is the reason. */
interface Reasons {
  explain(): string | undefined;
}

/**
 * As long as no message has ever arrived there may be no worker at all, or one with another framing or codec: its bytes
 * fit no message, and each side waits for the other. Nothing is wrong in any single byte, so it has to be told by the time.
 */
export class Silence {
  /** A message has arrived: the two sides understand each other. */
  isBroken = false;
  /** There is a link, on which something could be said. */
  isConnected: boolean;
  readonly #parts: Parts;
  readonly #counters: Counters;
  readonly #own: Reasons | undefined;
  /** On the clock of `performance.now()`; `undefined` before there is something to wait for. */
  #warnAt: number | undefined;
  #hasWarned: boolean;
  /** What links before this one have counted. */
  readonly #bytesBefore: number;

  constructor(parts: Parts, counters: Counters, isConnected: boolean, own?: Reasons) {
    this.isConnected = isConnected;
    this.#parts = parts;
    this.#own = own;
    this.#counters = counters;
    this.#bytesBefore = bytesOf(counters);
    // A worker before this one was understood.
    this.#hasWarned = counters.hasHeard;
  }

  /** Nobody has to be told of it, now or later. */
  get isOver(): boolean {
    return this.isBroken || this.#hasWarned || !this.isConnected;
  }

  /** A request waits from now on. Returns when to ask again. */
  begin(now: number): number {
    this.#warnAt ??= now + this.#parts.warnAfterMs;
    return this.#warnAt;
  }

  /**
   * Warns, once, when it has lasted for long. Returns when to ask again.
   *
   * @param waiting the method of a request that waits; `undefined` where none does: the next one begins anew
   */
  check(now: number, waiting: () => string | undefined): number {
    if (this.isOver || this.#warnAt === undefined) return Infinity;
    if (now < this.#warnAt) return this.#warnAt;
    this.#warnAt = undefined;
    const method = waiting();
    if (method !== undefined) this.#warn(method);
    return Infinity;
  }

  /** What there is to say of it; `undefined` when it is broken. */
  explain(): string | undefined {
    const reason = this.#own?.explain();
    if (reason !== undefined) return reason;
    if (this.isBroken) return undefined;
    if (!this.isConnected) return "It was not sent: no worker was there to take it.";
    const { pid, speaks } = this.#parts;
    const other = pid === undefined ? "the other side" : "the worker";
    const bytes = bytesOf(this.#counters) - this.#bytesBefore;
    const what =
      bytes === 0
        ? `Nothing has ever arrived from ${other}.`
        : `${bytes} bytes have arrived from ${other}, and no message among them.`;
    const question = pid === undefined ? "Does it read and write" : "Is it a worker, and does it read and write";
    return `${what} ${question} ${speaks}, as this side does?`;
  }

  #warn(method: string): void {
    this.#hasWarned = true;
    const { warnAfterMs, onError } = this.#parts;
    const text = `${method} still waits for its answer, after ${warnAfterMs} ms (option warnAfterMs).`;
    onError(new ChannelError("TIMEOUT", `${text} ${this.explain() ?? ""}`, { method, delivery: "unknown" }));
  }
}

function bytesOf({ bytesReceived, noiseBytes }: Counters): number {
  return Math.max(bytesReceived, noiseBytes);
}
