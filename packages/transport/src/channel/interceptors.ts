import type { HandlerInterceptor } from "./dispatcher.js";
import type { RequestOptions } from "./options.js";

/** A request on its way out, as interceptors see it. */
export interface OutgoingRequest {
  readonly method: string;
  readonly params: object | undefined;
  readonly options: RequestOptions | undefined;
}

/** Wraps each outgoing request: call `next`, once or several times, with the same request or another, or don't. */
export type RequestInterceptor = (
  request: OutgoingRequest,
  next: (request: OutgoingRequest) => Promise<unknown>,
) => Promise<unknown>;

/** One interceptor that does what all of them do in turn; `undefined` when there are none: then nothing is wrapped. */
export function composeRequest(interceptors: readonly RequestInterceptor[] = []): RequestInterceptor | undefined {
  return interceptors.length === 0
    ? undefined
    : interceptors.reduceRight((inner, outer) => (request, next) => outer(request, (again) => inner(again, next)));
}

export function composeHandler(interceptors: readonly HandlerInterceptor[] = []): HandlerInterceptor | undefined {
  return interceptors.length === 0
    ? undefined
    : interceptors.reduceRight(
        (inner, outer) => (call, next) => outer(call, (params) => inner({ ...call, params }, next)),
      );
}
