import type { Channel } from "../channel/contract/channel.js";
import type { RequestHandler } from "../channel/contract/handlers.js";
import { CHANNEL_OPTIONS, type ChannelOptions } from "../channel/contract/options.js";
import type { HandlersOf, TypedChannel } from "../channel/contract/typed.js";
import { bool } from "../checks/kinds.js";
import type { Dialect } from "../dialects/contract.js";
import type { OptionTable } from "../checks/options.js";
import type { ByteLink } from "../link/byte-link.js";
import { openChannel, resolveStack, type Stack } from "./assemble.js";
import { HandlerLog } from "./own/handler-log.js";
import { methodsOf, type Methods } from "./own/methods.js";
import { DEFAULT_SPIN_US, microsecondsToSpin } from "./streams/busy-poll.js";

/** What whoever serves methods can be told, over stdio or sockets. */
export interface ServingOptions extends ChannelOptions {
  /**
   * True (the default): what a handler throws is written to stderr, with its stack; the caller gets the message only. An
   * `RpcError` is an answer, and not written; in a minute at most 32 KiB are.
   */
  readonly logHandlerErrors?: boolean | undefined;
  /** Microseconds for which the event loop polls for the next request before it sleeps. Default 50; 0 for never. */
  readonly spinUs?: number | undefined;
}

export const SERVING_OPTIONS: OptionTable<ServingOptions> = {
  ...CHANNEL_OPTIONS,
  logHandlerErrors: bool,
  spinUs: microsecondsToSpin,
};

/** A function for each method of the `Api`; of any names, where none is given. */
export type MethodsOf<Api extends object> = string extends keyof Api
  ? Methods
  : HandlersOf<Api> | ReadonlyMap<keyof Api & string, RequestHandler>;

/** The channel of a worker, with what it serves and says known by type, where an `Api` is given. */
export type WorkerChannel<
  Api extends object,
  Events extends object,
  ParentApi extends object,
  ParentEvents extends object,
> = string extends keyof Api ? Channel : TypedChannel<ParentApi, ParentEvents, Api, Events>;

export type NamedHandlers = readonly (readonly [string, RequestHandler])[];

/** Methods that are served, and how. */
export interface Serving {
  readonly methods: readonly string[];
  readonly stack: Stack;
  readonly spinUs: number;
  /** A channel on which the methods are served. */
  open(link: ByteLink): Served;
}

export interface Served {
  readonly channel: Channel;
  /** Takes the methods away again. */
  readonly withdraw: () => void;
}

/**
 * Throws a `TypeError` for methods that would be served in part or not at all, and `ENCODE_FAILED` for a stack that can't
 * work.
 *
 * @param where the function that they are given to
 * @param options that have been checked
 * @param around gives the handlers that are served
 */
export function resolveServing(
  where: string,
  methods: Methods,
  options: ServingOptions,
  around: (handlers: NamedHandlers, dialect: Dialect) => NamedHandlers = (handlers) => handlers,
): Serving {
  const stack = resolveStack(options);
  const handlers = around(methodsOf(methods, where), stack.dialect);
  const onHandlerError = options.logHandlerErrors === false ? undefined : new HandlerLog().report;
  return {
    methods: handlers.map(([name]) => name),
    stack,
    spinUs: options.spinUs ?? DEFAULT_SPIN_US,
    open: (link) => {
      const channel = openChannel(stack, link, { answersUnreadable: true, onHandlerError });
      const disposers = handlers.map(([name, handler]) => channel.onRequest(name, handler));
      const withdraw = (): void => {
        for (const dispose of disposers) dispose();
      };
      return { channel, withdraw };
    },
  };
}
