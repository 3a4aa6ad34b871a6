import type { Channel } from "../channel/contract/channel.js";
import type { Farewell } from "../channel/contract/parts.js";
import { Events } from "../channel/records/events.js";
import type { OptionTable } from "../checks/options.js";
import type { ByteLink } from "../link/byte-link.js";
import type { Link } from "../link/contract.js";
import type { LinkOpener, OpenedLink } from "../supervise/contract.js";
import { withBreaker } from "../supervise/breaker.js";
import {
  BREAKER_OPTIONS,
  resolveBreaker,
  type BreakerOptions,
  type BreakerPolicy,
} from "../supervise/breaker-options.js";
import {
  HEARTBEAT_OPTIONS,
  resolveHeartbeat,
  type HeartbeatOptions,
  type HeartbeatPolicy,
} from "../supervise/heartbeat-options.js";
import {
  RESTART_OPTIONS,
  resolveRestart,
  type RestartOptions,
  type RestartPolicy,
} from "../supervise/restart-options.js";
import { switchable, timerMs } from "../supervise/options.js";
import { SupervisedChannel } from "../supervise/supervised-channel.js";
import { framed, type Stack } from "./assemble.js";
import { closeOnAbort } from "./child/close-on-abort.js";

/** What makes one channel of several workers, one after the other. See docs/supervision.md. */
export interface SupervisionOptions {
  /**
   * Whether a worker that has ended is started again, under the same channel: its handlers, `remote` and subscriptions
   * stay. True for the defaults. Default false: the channel ends with its worker.
   */
  readonly restart?: boolean | RestartOptions | undefined;
  /**
   * Whether the worker is asked again and again if it lives; one that says nothing is killed. True for the defaults.
   * Default false.
   */
  readonly heartbeat?: boolean | HeartbeatOptions | undefined;
  /**
   * Whether calls are refused for a while (`CIRCUIT_OPEN`) when so many in a row have found nobody to answer. True for the
   * defaults. Default false.
   */
  readonly breaker?: boolean | BreakerOptions | undefined;
  /**
   * Milliseconds. A request that was cancelled, or has timed out, and has no answer by then costs its worker the life: it is
   * killed, and replaced where there is `restart`. Default: never.
   */
  readonly killAfterCancelMs?: number | undefined;
}

export const SUPERVISION_OPTIONS: OptionTable<SupervisionOptions> = {
  restart: switchable(RESTART_OPTIONS, "{ maxRestarts: 5 }"),
  heartbeat: switchable(HEARTBEAT_OPTIONS, "{ intervalMs: 5000 }"),
  breaker: switchable(BREAKER_OPTIONS, "{ failures: 5 }"),
  killAfterCancelMs: timerMs(0),
};

/** The options with their defaults. */
export interface Supervision {
  readonly restart: RestartPolicy | undefined;
  readonly heartbeat: HeartbeatPolicy | undefined;
  readonly breaker: BreakerPolicy | undefined;
  readonly killAfterCancelMs?: number | undefined;
}

/** Throws on bad options. */
export function resolvePolicies({ restart, heartbeat, breaker, killAfterCancelMs }: SupervisionOptions): Supervision {
  return {
    restart: resolveRestart(restart),
    heartbeat: resolveHeartbeat(heartbeat),
    breaker: resolveBreaker(breaker),
    killAfterCancelMs,
  };
}

/** `undefined` where nothing is to be supervised: the channel is of one link then. Throws on bad options. */
export function resolveSupervision(options: SupervisionOptions): Supervision | undefined {
  const policies = resolvePolicies(options);
  return Object.values(policies).some((one) => one !== undefined) ? policies : undefined;
}

/** Opens links of frames or of bytes. */
export type AnyLinkOpener = (
  signal: AbortSignal,
  slot: number,
) => Promise<Omit<OpenedLink, "link"> & { readonly link: Link | ByteLink }>;

/** What the first opening depends on. */
interface First {
  /** Whether it is tried again within the budget of restarts, after this failure. */
  readonly retriesFirst: (error: unknown) => boolean;
  /** Aborting it closes the channel, also before its first link is open. */
  readonly signal: AbortSignal | undefined;
}

/** Opens the first link, and the next when that has ended. Rejects when the first can't be opened. */
export async function superviseLinks(
  stack: Stack,
  supervision: Supervision,
  farewell: Farewell | undefined,
  open: AnyLinkOpener,
  { retriesFirst, signal }: Partial<First> = {},
): Promise<Channel> {
  const events = new Events(stack.onError);
  const { breaker, requestInterceptor } = withBreaker(supervision.breaker, events, stack.requestInterceptor);
  const channel = new SupervisedChannel({
    parts: { ...stack, answersUnreadable: false, farewell, requestInterceptor },
    open: framedOpener(stack, open),
    ...supervision,
    breaker,
    events,
    retriesFirst,
  });
  if (signal !== undefined) await closeOnAbort(channel, signal);
  try {
    await channel.start();
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return channel;
}

/** The same of links of frames. */
export function framedOpener(stack: Stack, open: AnyLinkOpener): LinkOpener {
  return async (signal, slot) => {
    const opened = await open(signal, slot);
    try {
      return { ...opened, link: framed(stack, opened.link) };
    } catch (error) {
      // A framing of the user's has thrown: nobody will close what runs already.
      await opened.link.close();
      throw error;
    }
  };
}
