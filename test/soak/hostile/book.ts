import { ChannelError, RpcError, type BatchCall, type Channel, type RequestOptions } from "@procwire/transport";
import type { LoopLag } from "../lib/loop-lag.js";
import { HostileError } from "./behaviours.js";

/** What a request may be late by, beside the time in which the event loop stood still. */
export const LATE_MS = 50;

interface Entry {
  readonly what: string;
  readonly deadline: number;
}

/** Each call of a trial, from its beginning to its outcome. */
export class Book {
  readonly violations: string[] = [];
  calls = 0;
  /** Whether arguments are so bad that a call may be refused for their type. */
  takesTypeErrors = false;
  readonly #lag: LoopLag;
  /** Milliseconds that each call may take. */
  readonly timeout: number;
  readonly #signal: AbortSignal;
  readonly #open = new Set<Entry>();

  constructor(lag: LoopLag, timeout: number, signal: AbortSignal) {
    this.#lag = lag;
    this.timeout = timeout;
    this.#signal = signal;
  }

  /** A request with a deadline, and with the signal that hostile code aborts. */
  request(channel: Channel, method: string, params?: object, options?: RequestOptions): Promise<unknown> {
    return this.watch(`request ${method}`, () => channel.request(method, params, this.#complete(options)));
  }

  /** Reads the items until their end. */
  stream(channel: Channel, method: string, params?: object, options?: RequestOptions): Promise<unknown> {
    return this.watch(`stream ${method}`, async () => {
      for await (const _ of channel.stream(method, params, this.#complete(options)));
    });
  }

  batch(channel: Channel, calls: readonly BatchCall[], options?: RequestOptions): Promise<unknown> {
    return this.watch("batch", () => channel.batch(calls, this.#complete(options)));
  }

  notify(channel: Channel, method: string, params?: object): Promise<unknown> {
    return this.watch(`notify ${method}`, () => channel.notify(method, params));
  }

  /** A call that must give a promise, which settles by the deadline, with a reason that the documentation has. */
  watch(what: string, call: () => Promise<unknown>): Promise<unknown> {
    const entry = { what, deadline: performance.now() + this.timeout };
    let outcome: Promise<unknown>;
    this.calls += 1;
    try {
      outcome = call();
      if (!(outcome instanceof Promise)) throw new TypeError("gave no promise");
    } catch (error) {
      this.violations.push(`${what} threw instead of rejecting: ${inWords(error)}`);
      return Promise.resolve();
    }
    this.#open.add(entry);
    return outcome.then(
      (value) => {
        this.#settle(entry);
        return value;
      },
      (reason: unknown) => {
        this.#settle(entry);
        this.#judge(what, reason);
      },
    );
  }

  /** Waits until all has settled, at most until the last deadline and what may be late. */
  async settled(): Promise<void> {
    while (this.#open.size > 0) {
      const last = Math.max(...[...this.#open].map(({ deadline }) => deadline));
      if (performance.now() - last - this.#lag.between(last, performance.now()) > 2 * LATE_MS) break;
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    this.count();
  }

  /** Notes what has not settled by now. */
  count(): void {
    for (const { what } of this.#open) this.violations.push(`${what} has not settled`);
    this.#open.clear();
  }

  #complete(options: RequestOptions | undefined): RequestOptions {
    if (options !== undefined && Object.getOwnPropertyDescriptor(options, "timeout") !== undefined) return options;
    const signal = this.#signal;
    return Object.defineProperties(
      { timeout: this.timeout, signal },
      options === undefined ? {} : Object.getOwnPropertyDescriptors(options),
    );
  }

  #settle(entry: Entry): void {
    if (!this.#open.delete(entry)) return;
    const now = performance.now();
    const late = now - entry.deadline - this.#lag.between(entry.deadline, now);
    if (late > LATE_MS) this.violations.push(`${entry.what} settled ${late.toFixed(0)} ms after its deadline`);
  }

  /** What hostile code has thrown is its own; everything else is an error of ours, or a refusal of bad arguments. */
  #judge(what: string, reason: unknown): void {
    const isOurs =
      reason === undefined ||
      isHostile(reason) ||
      reason === this.#signal.reason ||
      reason instanceof ChannelError ||
      reason instanceof RpcError ||
      reason instanceof RangeError ||
      (reason instanceof TypeError && this.takesTypeErrors);
    if (!isOurs) this.violations.push(`${what} rejected with ${inWords(reason)}`);
  }
}

/** Thrown by hostile code; a proxy of its can't even be looked at. */
export function isHostile(reason: unknown): boolean {
  try {
    return reason instanceof HostileError || (reason instanceof Error && reason.cause instanceof HostileError);
  } catch {
    return true;
  }
}

export function inWords(reason: unknown): string {
  try {
    const error = reason as Error;
    const at = error.stack?.split("\n").find((line) => line.includes("/packages/")) ?? "";
    return `${error.name}: ${error.message} ${at.trim().replace(/\(.*\/packages\//, "(packages/")}`.trim();
  } catch {
    return "something that can't be looked at";
  }
}
