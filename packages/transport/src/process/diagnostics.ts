import { tracingChannel } from "node:diagnostics_channel";
import type { RequestTrace, RequestTracer } from "../channel/parts.js";

/**
 * Publishes each request on `diagnostics_channel`: `tracing:procwire:request:start`, `:end`, `:asyncStart`,
 * `:asyncEnd` and `:error`, with `{ method, params, pid }` and, later, `result` or `error`. Costs a comparison per
 * request while nobody subscribes.
 */
const channels = tracingChannel<unknown, RequestTrace>("procwire:request");
const { start, end, asyncStart, asyncEnd, error } = channels;

export const requestTracer: RequestTracer = {
  get hasSubscribers() {
    return (
      start.hasSubscribers ||
      asyncEnd.hasSubscribers ||
      error.hasSubscribers ||
      end.hasSubscribers ||
      asyncStart.hasSubscribers
    );
  },
  trace: (call, context) => channels.tracePromise(call, context),
};
