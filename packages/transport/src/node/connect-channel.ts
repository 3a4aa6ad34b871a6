import type { Channel } from "../channel/contract/channel.js";
import { CHANNEL_OPTIONS, type ChannelOptions } from "../channel/contract/options.js";
import type { AnyApi, AnyEvents, TypedChannel } from "../channel/contract/typed.js";
import { abortSignal, bool } from "../checks/kinds.js";
import { readOptions, type OptionTable } from "../checks/options.js";
import type { Dialect } from "../dialects/contract.js";
import { timerMs } from "../supervise/options.js";
import { farewellOver, openChannel, resolveStack, type Stack } from "./assemble.js";
import { closeOnAbort } from "./child/close-on-abort.js";
import { vitalsOf } from "./child/vitals.js";
import { dial } from "./sockets/dial.js";
import { mayPass } from "./sockets/failures.js";
import { GREETING_MS } from "./sockets/greeting.js";
import { SocketLink } from "./sockets/socket-link.js";
import { readTarget, routeTo, type ServiceTarget, type ServiceTargetOptions } from "./sockets/target.js";
import { DEFAULT_SPIN_US, microsecondsToSpin } from "./streams/busy-poll.js";
import { resolveSupervision, superviseLinks, SUPERVISION_OPTIONS, type SupervisionOptions } from "./supervision.js";

export interface ConnectOptions extends ChannelOptions, SupervisionOptions {
  /** Aborting it closes the channel, or keeps it from connecting; `connectChannel` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds for one connection and its greeting. Default 5,000. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * False: the other side is a program that knows no greeting, and messages begin at once. Default true, but in foreign
   * dialects, where the target has a path or a port and no token: language servers and debug adapters know none.
   */
  readonly greeting?: boolean | undefined;
  /** Microseconds for which the event loop polls for an answer before it sleeps. Default 50; 0 for never. */
  readonly spinUs?: number | undefined;
}

export const CONNECT_OPTIONS: OptionTable<ConnectOptions> = {
  ...CHANNEL_OPTIONS,
  ...SUPERVISION_OPTIONS,
  signal: abortSignal,
  connectTimeoutMs: timerMs(1),
  greeting: bool,
  spinUs: microsecondsToSpin,
};

/**
 * Opens a channel to a service that runs already: by its name, `{ path }`, or `{ host, port, tls, token }`. See
 * docs/connect.md.
 *
 * Resolves once the service has answered the greeting. Rejects with a `ChannelError` `CONNECT_FAILED` that says why it
 * did not, with a `TypeError` or a `RangeError` for wrong options, and with the `signal`'s reason. With `restart` the
 * channel outlives its connections, and the first one is tried again, too, within the same budget.
 */
export function connectChannel(target: ServiceTarget, options?: ConnectOptions): Promise<Channel>;
/** The same, with the service's methods and notifications known by type; see `TypedChannel`. */
export function connectChannel<
  Api extends object,
  Events extends object = AnyEvents,
  OwnApi extends object = AnyApi,
  OwnEvents extends object = AnyEvents,
>(target: ServiceTarget, options?: ConnectOptions): Promise<TypedChannel<Api, Events, OwnApi, OwnEvents>>;
export function connectChannel(target: ServiceTarget, options?: ConnectOptions): Promise<unknown> {
  return open(target, options);
}

async function open(givenTarget: ServiceTarget, given: ConnectOptions | undefined): Promise<Channel> {
  const target = readTarget(givenTarget);
  const options = readOptions("connectChannel", given, CONNECT_OPTIONS);
  const { signal, connectTimeoutMs = GREETING_MS, spinUs = DEFAULT_SPIN_US } = options;
  const stack = resolveStack(options);
  const { greeting = isGreeted(target, stack.dialect) } = options;
  const supervision = resolveSupervision(options);
  const speech = { framing: stack.framing.name, codec: stack.codec };
  const connect = async (stop: AbortSignal): Promise<Connected> => {
    // Looked up for each connection: the next service of this name may be elsewhere.
    const route = routeTo(target, greeting);
    const { socket, pid } = await dial(route, speech, stop, connectTimeoutMs);
    return { link: new SocketLink(socket, route.who, spinUs), pid };
  };
  signal?.throwIfAborted();
  if (supervision === undefined) return openOnce(stack, connect, signal);
  return superviseLinks(
    stack,
    supervision,
    farewellOver(stack),
    async (stop) => {
      const { link, pid } = await connect(stop);
      const kill = (): void => {
        link.cut();
      };
      return { link, pid, kill, vitals: () => (pid === undefined ? undefined : vitalsOf(pid)) };
    },
    { retriesFirst: mayPass, signal },
  );
}

/** By a name only services of ours are found, and only those take a token; methods are told by those of our dialect. */
function isGreeted({ name, token }: ServiceTargetOptions, { discover }: Dialect): boolean {
  return name !== undefined || token !== undefined || discover !== undefined;
}

interface Connected {
  readonly link: SocketLink;
  readonly pid: number | undefined;
}

/** A channel for one connection. */
async function openOnce(
  stack: Stack,
  connect: (stop: AbortSignal) => Promise<Connected>,
  signal: AbortSignal | undefined,
): Promise<Channel> {
  const { link, pid } = await connect(signal ?? new AbortController().signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw error;
  });
  let channel: Channel;
  try {
    channel = openChannel(stack, link, { pid, farewell: farewellOver(stack) });
  } catch (error) {
    // A layer of the user's has thrown: nobody will close what is open already.
    await link.close();
    throw error;
  }
  if (signal !== undefined) await closeOnAbort(channel, signal);
  return channel;
}
