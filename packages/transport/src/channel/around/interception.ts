import type { ChannelError } from "../../errors.js";
import { Bounds } from "./bounds.js";
import { InterceptedStream } from "./intercepted-stream.js";
import type { NextCall, OutgoingCall } from "../contract/interceptors.js";
import type { ChannelParts } from "../contract/parts.js";

type Parts = Pick<ChannelParts, "requestInterceptor" | "tracer" | "pid" | "onError">;

/** The way out through interceptors and tracing. Who says something asks first whether that is needed. */
export class Interception {
  readonly #parts: Parts;

  readonly #bounds: Bounds;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#bounds = new Bounds(parts.onError);
  }

  /** False where nobody intercepts and nobody listens: the call goes straight out then. */
  get isNeeded(): boolean {
    const { requestInterceptor, tracer } = this.#parts;
    return requestInterceptor !== undefined || tracer?.hasSubscribers === true;
  }

  /** @param send says what is left to be said: never, once, or as often as the interceptors want */
  run(call: OutgoingCall, send: (call: NextCall) => Promise<unknown>): Promise<unknown> {
    const { failed, release } = this.#bounds.open(call);
    return this.#trace(call, () => Promise.race([this.#intercept(call, send), failed]).finally(release));
  }

  /** This side has closed the channel: interceptors that go on waiting are not waited for. */
  close(cause: ChannelError): void {
    this.#bounds.close(cause);
  }

  /** @param open gives the items; the interceptors run when the first one is asked for */
  stream(call: OutgoingCall, open: (call: NextCall) => AsyncIterable<unknown>): AsyncIterableIterator<unknown> {
    const stream = new InterceptedStream(
      () => this.#intercept(call, (again) => Promise.resolve(open(again))),
      () => void this.#trace(call, () => stream.ended).catch(() => undefined),
      () => this.#bounds.open(call),
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
