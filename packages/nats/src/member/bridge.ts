import {
  ChannelError,
  JsonRpcErrorCode,
  RpcError,
  type Channel,
  type RequestContext,
  type RequestMessage,
  type RequestOptions,
} from "@procwire/transport";
import { asAnswer } from "../wire/failures.js";
import type { Details } from "./details.js";

export interface BridgeOptions {
  readonly target: Channel;
  readonly maxInFlight: number;
  /** What the request's headers said. */
  readonly detailsOf: (raw: object) => Details | undefined;
}

/** Hands requests of callers to the channel that is exposed. */
export class Bridge {
  readonly statistics: Map<string, Statistics> = new Map<string, Statistics>();
  readonly #options: BridgeOptions;
  #running = 0;
  #onIdle: (() => void)[] = [];

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  /** Resolves when no request is running. */
  idle(): Promise<void> {
    return this.#running === 0 ? Promise.resolve() : new Promise((resolve) => this.#onIdle.push(resolve));
  }

  /** Answers, or throws what the caller is to be told. */
  answer(message: Pick<RequestMessage, "method" | "params">, context: RequestContext): unknown {
    const details = this.#options.detailsOf(message);
    this.#admit(message.method, details);
    const options = optionsFor(context, details);
    const params = message.params as object | undefined;
    if (details !== undefined && details.credit > 0) return this.#stream(message.method, params, options);
    return this.#request(message.method, params, options);
  }

  #admit(method: string, details: Details | undefined): void {
    const { maxInFlight } = this.#options;
    if (this.#running >= maxInFlight) {
      const text = `${method}: this member works on ${maxInFlight} requests, and takes no more. Try again, or elsewhere.`;
      throw asAnswer(new ChannelError("OVERLOADED", text, { method, delivery: "not-sent" }));
    }
    if (details?.timeLeft !== undefined && details.timeLeft <= 0) {
      const text = `${method}: its deadline had passed when it arrived. Nothing was done; do the clocks of the machines agree?`;
      throw new RpcError(JsonRpcErrorCode.deadlineExceeded, text);
    }
  }

  async #request(method: string, params: object | undefined, options: RequestOptions): Promise<unknown> {
    const record = this.#begin(method);
    const startedAt = performance.now();
    try {
      return await this.#options.target.request<unknown>(method, params, options);
    } catch (error) {
      throw record.failed(error);
    } finally {
      this.#end(record, startedAt);
    }
  }

  async *#stream(
    method: string,
    params: object | undefined,
    options: RequestOptions,
  ): AsyncGenerator<unknown, unknown, undefined> {
    const record = this.#begin(method);
    const startedAt = performance.now();
    try {
      const items = this.#options.target.stream<unknown>(method, params, options);
      return yield* { [Symbol.asyncIterator]: () => items as AsyncIterator<unknown, unknown, undefined> };
    } catch (error) {
      throw record.failed(error);
    } finally {
      this.#end(record, startedAt);
    }
  }

  #begin(method: string): Statistics {
    this.#running += 1;
    let record = this.statistics.get(method);
    if (record === undefined) this.statistics.set(method, (record = new Statistics()));
    return record;
  }

  #end(record: Statistics, startedAt: number): void {
    this.#running -= 1;
    record.requests += 1;
    record.processingMs += performance.now() - startedAt;
    if (this.#running === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}

/** What the services API tells of a method. */
export class Statistics {
  requests = 0;
  errors = 0;
  lastError = "";
  processingMs = 0;

  /** Returns what the caller is to be told. */
  failed(error: unknown): unknown {
    const told = error instanceof ChannelError ? asAnswer(error) : error;
    this.errors += 1;
    this.lastError = told instanceof RpcError ? `${told.code} ${told.message}` : "";
    return told;
  }
}

function optionsFor(context: RequestContext, details: Details | undefined): RequestOptions {
  const { signal } = context;
  if (details === undefined) return { signal };
  const { timeLeft, hasInput, wantsProgress, isIdempotent, key, priority } = details;
  return {
    signal,
    ...(timeLeft !== undefined && { timeout: timeLeft }),
    ...(hasInput && { input: context.input }),
    ...(wantsProgress && { onProgress: (value: unknown) => void context.progress(value) }),
    ...(isIdempotent && { idempotent: true }),
    ...(key !== undefined && { key }),
    ...(priority !== undefined && { priority }),
  };
}
