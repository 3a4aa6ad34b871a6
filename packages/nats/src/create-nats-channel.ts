import type { Channel, ChannelOptions } from "@procwire/transport";
import {
  BREAKER_OPTIONS,
  CHANNEL_OPTIONS,
  Events,
  numberFrom,
  MAX_TIMER_MS,
  readOptions,
  resolveBreaker,
  resolveStack,
  superviseLinks,
  switchable,
  withBreaker,
  type BreakerOptions,
  type OptionTable,
  type Stack,
} from "@procwire/transport/extend";
import { Asides } from "./caller/asides.js";
import { CallerLink } from "./caller/caller-link.js";
import { Directory } from "./caller/directory.js";
import { Lifeline } from "./caller/lifeline.js";
import { NatsChannel } from "./caller/nats-channel.js";
import { createRoutedWire } from "./caller/routed-wire.js";
import { assertReachable, NATS_OPTIONS, openConnection, type NatsOptions, type Opened } from "./connection.js";
import { DEFAULT_PREFIX, Subjects } from "./wire/subjects.js";

export interface NatsChannelOptions extends NatsOptions, Omit<ChannelOptions, "framing"> {
  /** As `createStdioChannel` has it: calls are refused for a while when too many in a row found nobody. Default false. */
  readonly breaker?: boolean | BreakerOptions | undefined;
  /** Milliseconds after which a member that works for this caller is asked whether it lives. Default 1,000. */
  readonly pingMs?: number | undefined;
  /** Milliseconds within which some member must have said that it has a request. Default 5,000. */
  readonly claimMs?: number | undefined;
}

// NATS keeps the borders of messages: there is nothing to frame.
const { framing: _framing, ...FRAMELESS } = CHANNEL_OPTIONS;

export const NATS_CHANNEL_OPTIONS: OptionTable<NatsChannelOptions> = {
  ...FRAMELESS,
  ...NATS_OPTIONS,
  breaker: switchable(BREAKER_OPTIONS, "{ failures: 5 }"),
  pingMs: numberFrom(10, MAX_TIMER_MS, "milliseconds"),
  claimMs: numberFrom(10, MAX_TIMER_MS, "milliseconds"),
};

/**
 * Opens a channel to a service: its members answer, whichever the NATS server chooses. A channel like any other.
 *
 * Rejects with `CONNECT_FAILED` when no server can be reached, and with a `TypeError` or a `RangeError` for bad options.
 */
export async function createNatsChannel(given: NatsChannelOptions): Promise<NatsChannel> {
  const options = readOptions("createNatsChannel", given, NATS_CHANNEL_OPTIONS);
  assertReachable("createNatsChannel", options);
  const stack = stackOf(options);
  const opened = await openConnection(options, `procwire caller of ${options.service}`);
  try {
    return await openNatsChannel(options, stack, opened);
  } catch (error) {
    if (opened.isOwn) await opened.connection.close();
    throw error;
  }
}

/** The layers of both sides. No framing is chosen; one that carries any bytes stands for none. */
export function stackOf(options: Omit<ChannelOptions, "framing">): Stack {
  const stack = resolveStack({ ...options, framing: "length-prefixed" });
  return { ...stack, speaks: stack.speaks.replace(stack.framing.name, "NATS,") };
}

async function openNatsChannel(
  options: NatsChannelOptions,
  stack: Stack,
  { connection, isOwn }: Opened,
): Promise<NatsChannel> {
  const { service, prefix = DEFAULT_PREFIX, pingMs = 1_000, claimMs = 5_000, nats } = options;
  const asides = new Asides();
  const wire = createRoutedWire(stack.wire, stack.dialect, asides);
  const inboxPrefix = nats?.inboxPrefix;
  const directory = new Directory(connection, service, inboxPrefix);
  const { maxMessageBytes, maxHeldBytes } = stack.limits;
  const create = (): CallerLink =>
    new CallerLink({
      ...{ connection, service, wire, maxMessageBytes, maxHeldBytes, inboxPrefix, pingMs, claimMs },
      subjects: new Subjects(prefix, service),
      memberOf: (key) => directory.memberOf(key),
      onError: stack.onError,
    });
  const lifeline = new Lifeline(connection, create);
  const events = new Events(stack.onError);
  const policy = resolveBreaker(options.breaker);
  const { breaker, requestInterceptor } = withBreaker(policy, events, stack.requestInterceptor);
  const inner = await overLives({ ...stack, wire, requestInterceptor: undefined, tracer: undefined }, lifeline);
  return new NatsChannel({
    ...{ inner, asides, breaker, events },
    stack: { ...stack, requestInterceptor },
    directory: () => directory,
    restoredAt: () => lifeline.restoredAt,
    release: async () => {
      if (isOwn) await connection.close();
    },
  });
}

/** NATS's client restores the connection as its options say; what it gives up has ended. */
const RESTARTS = { maxRestarts: 100, withinMs: 60_000, minDelayMs: 0, maxDelayMs: 0 };

function overLives(stack: Stack, lifeline: Lifeline): Promise<Channel> {
  const supervision = { restart: RESTARTS, heartbeat: undefined, breaker: undefined };
  return superviseLinks(stack, supervision, undefined, async (signal) => ({
    link: await lifeline.next(signal),
    pid: undefined,
    kill: () => undefined,
    vitals: () => undefined,
  }));
}
