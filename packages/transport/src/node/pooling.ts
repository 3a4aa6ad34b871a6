import type { Farewell } from "../channel/contract/parts.js";
import { composeRequest } from "../channel/contract/interceptors.js";
import { Events } from "../channel/records/events.js";
import { Breaker } from "../supervise/breaker.js";
import type { Pool } from "../supervise/pool/contract.js";
import type { PoolPolicy } from "../supervise/pool/options.js";
import { PoolChannel } from "../supervise/pool/pool-channel.js";
import { resolveBreaker } from "../supervise/breaker-options.js";
import { resolveHeartbeat } from "../supervise/heartbeat-options.js";
import { resolveRestart } from "../supervise/restart-options.js";
import type { Stack } from "./assemble.js";
import { framedOpener, type AnyLinkOpener, type Supervision, type SupervisionOptions } from "./supervision.js";

/** So many restarts for each worker there may be: the budget is one for all. */
const RESTARTS_PER_WORKER = 10;

/** Workers of a pool are replaced unless the options say otherwise. Throws on bad options. */
export function poolSupervision(options: SupervisionOptions, { bounds }: PoolPolicy): Supervision {
  const { restart = true } = options;
  const maxRestarts = RESTARTS_PER_WORKER * bounds.max;
  const given = typeof restart === "object" ? { ...restart, maxRestarts: restart.maxRestarts ?? maxRestarts } : restart;
  return {
    restart: resolveRestart(given === true ? { maxRestarts } : given),
    heartbeat: resolveHeartbeat(options.heartbeat),
    breaker: resolveBreaker(options.breaker),
    killAfterCancelMs: options.killAfterCancelMs,
  };
}

/** Opens the first links, and others when they are needed. Rejects when one of the first can't be opened. */
export async function poolLinks(
  stack: Stack,
  supervision: Supervision,
  policy: PoolPolicy,
  farewell: Farewell | undefined,
  open: AnyLinkOpener,
): Promise<Pool> {
  const events = new Events(stack.onError);
  const breaker = supervision.breaker === undefined ? undefined : new Breaker(supervision.breaker, events);
  // Outermost: what others among the interceptors try again counts as one call.
  const interceptors = [breaker?.interceptor, stack.requestInterceptor].filter((one) => one !== undefined);
  const pool = new PoolChannel({
    parts: { ...stack, answersUnreadable: false, farewell, requestInterceptor: composeRequest(interceptors) },
    open: framedOpener(stack, open),
    restart: supervision.restart,
    heartbeat: supervision.heartbeat,
    killAfterCancelMs: supervision.killAfterCancelMs,
    events,
    policy,
    breaker,
  });
  await pool.start();
  return pool;
}
