import type { ChannelError } from "../../errors.js";
import { Bounds } from "./bounds.js";
import { InterceptedStream } from "./intercepted-stream.js";
import type { NextCall, OutgoingCall } from "../contract/interceptors.js";
import { quiet } from "../contract/outcome.js";
import { checkOptions, type RequestOptions } from "../contract/request-options.js";
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

  request(
    method: string,
    params: object | undefined,
    options: RequestOptions | undefined,
    send: (call: NextCall) => Promise<unknown>,
  ): Promise<unknown> {
    return this.run({ kind: "request", method, params, options }, send);
  }

  notify(method: string, params: object | undefined, send: (call: NextCall) => Promise<void>): Promise<void> {
    const call = { kind: "notification", method, params, options: undefined } as const;
    return quiet(this.run(call, send).then(() => undefined));
  }

  /** @param open gives the items; the interceptors, where there are any, run when the first one is asked for */
  stream(
    method: string,
    params: object | undefined,
    options: RequestOptions | undefined,
    open: (call: NextCall) => AsyncIterableIterator<unknown>,
  ): AsyncIterableIterator<unknown> {
    const call = { kind: "stream", method, params, options } as const;
    return this.isNeeded ? this.#stream(call, open) : open(call);
  }

  /**
   * Async: options that are wrong reject the call.
   *
   * @param send says what is left to be said: never, once, or as often as the interceptors want
   */
  async run(given: OutgoingCall, send: (call: NextCall) => Promise<unknown>): Promise<unknown> {
    const call = withCheckedOptions(given);
    const { failed, release } = this.#bounds.open(call);
    return this.#trace(call, () => Promise.race([this.#intercept(call, send), failed]).finally(release));
  }

  /** This side has closed the channel: interceptors that go on waiting are not waited for. */
  close(cause: ChannelError): void {
    this.#bounds.close(cause);
  }

  #stream(call: OutgoingCall, open: (call: NextCall) => AsyncIterable<unknown>): AsyncIterableIterator<unknown> {
    let checked = call;
    const stream = new InterceptedStream(
      () => this.#intercept(checked, (again) => Promise.resolve(open(again))),
      () => void this.#trace(checked, () => stream.ended).catch(() => undefined),
      () => {
        checked = withCheckedOptions(call);
        return this.#bounds.open(checked);
      },
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

/** Interceptors get options that are what they should be, and that nobody changes any more. */
function withCheckedOptions(call: OutgoingCall): OutgoingCall {
  return call.options === undefined ? call : { ...call, options: checkOptions(call.method, call.options) };
}
