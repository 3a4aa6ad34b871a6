import { tracingChannel } from "node:diagnostics_channel";
import type { RequestTrace, RequestTracer } from "../channel/contract/parts.js";

/**
 * Publishes what this side says on `diagnostics_channel`: `tracing:procwire:request:start`, `:end`, `:asyncStart`,
 * `:asyncEnd` and `:error`, with `{ kind, method, params, pid }` and, later, `result` or `error`. A stream begins when
 * its first item is asked for, and has ended when it is read or left. Costs a comparison while nobody subscribes.
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
