import type { HandlerInterceptor } from "./handlers.js";
import type { RequestOptions } from "./request-options.js";

/**
 * What this side says, as interceptors see it: a request, a notification, or a stream that is asked for; also each
 * entry of a batch. Inputs that go with it are `options.input`.
 */
export interface OutgoingCall {
  readonly kind: "request" | "stream" | "notification";
  readonly method: string;
  readonly params: object | undefined;
  readonly options: RequestOptions | undefined;
}

/** What an interceptor hands on: the call, or another one of the same kind. */
export type NextCall = Omit<OutgoingCall, "kind">;

/**
 * Wraps each outgoing call: call `next`, once or several times, with the same call or another, or don't.
 *
 * `next` gives the result of a request, `undefined` for a notification that was handed to the pipe, and for a stream its
 * items, an `AsyncIterable`: the request for them is sent when the first item is read. What the interceptor returns
 * takes the place of that; any iterable may take the place of a stream.
 */
export type RequestInterceptor = (call: OutgoingCall, next: (call: NextCall) => Promise<unknown>) => Promise<unknown>;

/** One interceptor that does what all of them do in turn; `undefined` when there are none: then nothing is wrapped. */
export function composeRequest(interceptors: readonly RequestInterceptor[] = []): RequestInterceptor | undefined {
  return interceptors.length === 0
    ? undefined
    : interceptors.reduceRight(
        (inner, outer) => (call, next) => outer(call, (again) => inner({ ...again, kind: call.kind }, next)),
      );
}

export function composeHandler(interceptors: readonly HandlerInterceptor[] = []): HandlerInterceptor | undefined {
  return interceptors.length === 0
    ? undefined
    : interceptors.reduceRight(
        (inner, outer) => (call, next) => outer(call, (params) => inner({ ...call, params }, next)),
      );
}
