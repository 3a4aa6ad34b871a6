import { InterceptedStream } from "./intercepted-stream.js";
import type { NextCall, OutgoingCall } from "../contract/interceptors.js";
import type { ChannelParts } from "../contract/parts.js";

/** The way out through interceptors and tracing. Who says something asks first whether that is needed. */
export class Interception {
  readonly #parts: Pick<ChannelParts, "requestInterceptor" | "tracer" | "pid">;

  constructor(parts: Pick<ChannelParts, "requestInterceptor" | "tracer" | "pid">) {
    this.#parts = parts;
  }

  /** False where nobody intercepts and nobody listens: the call goes straight out then. */
  get isNeeded(): boolean {
    const { requestInterceptor, tracer } = this.#parts;
    return requestInterceptor !== undefined || tracer?.hasSubscribers === true;
  }

  /** @param send says what is left to be said: never, once, or as often as the interceptors want */
  run(call: OutgoingCall, send: (call: NextCall) => Promise<unknown>): Promise<unknown> {
    return this.#trace(call, () => this.#intercept(call, send));
  }

  /** @param open gives the items; the interceptors run when the first one is asked for */
  stream(call: OutgoingCall, open: (call: NextCall) => AsyncIterable<unknown>): AsyncIterableIterator<unknown> {
    const stream = new InterceptedStream(
      () => this.#intercept(call, (again) => Promise.resolve(open(again))),
      () => void this.#trace(call, () => stream.ended).catch(() => undefined),
    );
    return stream;
  }

  // Async: an interceptor that throws rejects the call.
  async #intercept(call: OutgoingCall, send: (call: NextCall) => Promise<unknown>): Promise<unknown> {
    const { requestInterceptor } = this.#parts;
    return requestInterceptor === undefined ? send(call) : requestInterceptor(call, send);
  }

  #trace({ kind, method, params }: OutgoingCall, run: () => Promise<unknown>): Promise<unknown> {
    const { tracer, pid } = this.#parts;
    return tracer?.hasSubscribers === true ? tracer.trace(run, { kind, method, params, pid }) : run();
  }
}
