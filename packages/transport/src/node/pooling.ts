import type { Farewell } from "../channel/contract/parts.js";
import { Events } from "../channel/records/events.js";
import { withBreaker } from "../supervise/breaker.js";
import type { Pool } from "../supervise/pool/contract.js";
import type { PoolPolicy } from "../supervise/pool/options.js";
import { PoolChannel } from "../supervise/pool/pool-channel.js";
import type { Stack } from "./assemble.js";
import {
  framedOpener,
  resolvePolicies,
  type AnyLinkOpener,
  type Supervision,
  type SupervisionOptions,
} from "./supervision.js";

/** So many restarts for each worker there may be: the budget is one for all. */
const RESTARTS_PER_WORKER = 10;

/** Workers of a pool are replaced unless the options say otherwise. Throws on bad options. */
export function poolSupervision(options: SupervisionOptions, { bounds }: PoolPolicy): Supervision {
  const { restart = true } = options;
  const maxRestarts = RESTARTS_PER_WORKER * bounds.max;
  const given = typeof restart === "object" ? { ...restart, maxRestarts: restart.maxRestarts ?? maxRestarts } : restart;
  return resolvePolicies({ ...options, restart: given === true ? { maxRestarts } : given });
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
  const { breaker, requestInterceptor } = withBreaker(supervision.breaker, events, stack.requestInterceptor);
  const pool = new PoolChannel({
    parts: { ...stack, answersUnreadable: false, farewell, requestInterceptor },
    open: framedOpener(stack, open),
    ...supervision,
    breaker,
    events,
    policy,
  });
  await pool.start();
  return pool;
}
