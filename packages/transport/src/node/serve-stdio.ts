import type { Channel } from "../channel/contract/channel.js";
import type { AnyApi, AnyEvents } from "../channel/contract/typed.js";
import { bool, milliseconds } from "../checks/kinds.js";
import { readOptions, type OptionTable } from "../checks/options.js";
import { sleep } from "./streams/durations.js";
import { Leaving } from "./own/leaving.js";
import type { Methods } from "./own/methods.js";
import { OwnStdioLink } from "./own/own-stdio.js";
import { Parent } from "./own/parent.js";
import { watchParent } from "./own/parent-watch.js";
import { resolveServing, SERVING_OPTIONS, type MethodsOf, type ServingOptions, type WorkerChannel } from "./serving.js";

export interface ServeStdioOptions extends ServingOptions {
  /**
   * Milliseconds from the end of stdin to the exit, at most: running handlers get them to finish, and answers to be
   * read. After `shutdown` and SIGTERM only the answers do. Infinity for as long as it takes. Default 5000.
   */
  readonly graceMs?: number | undefined;
  /**
   * True (the default): a thread ends the process when its parent is gone, also while a handler keeps the event loop
   * busy. It costs a few megabytes, and is started after the first turn.
   */
  readonly watchParent?: boolean | undefined;
}

export const SERVE_STDIO_OPTIONS: OptionTable<ServeStdioOptions> = {
  ...SERVING_OPTIONS,
  graceMs: milliseconds,
  watchParent: bool,
};

/** A process that dies closes its pipes a moment before its children get another parent: the second may take this long. */
const DEATH_MS = 100;

/**
 * Turns this process into a worker: answers requests that arrive on stdin by the given handlers.
 *
 * From the call on, stdout belongs to the protocol, and prints go to stderr. The process exits with 0 on `shutdown` and on
 * SIGTERM, which cancel what is running, and at the end of stdin, when handlers have had `graceMs` to finish; its answers are
 * written before, unless nobody reads them for so long. SIGINT is left to the parent.
 *
 * With an `Api` and `Events`, those that the parent names in `createStdioChannel<Api, Events>`, the methods and
 * notifications are checked by type; what the parent serves and says are `ParentApi` and `ParentEvents`.
 *
 * @param methods a function per method, as a plain object or a `Map`: gets `params` and a context, returns the result or
 *   a promise of it; throws an `RpcError` to choose the error that the caller sees. Anything else is a `TypeError`, an
 *   instance of a class as well: its methods are on its prototype, where nobody looks for them
 * @returns the channel, for `notify`, `request` to the parent, and further handlers
 */
export function serveStdio<
  Api extends object = AnyApi,
  Events extends object = AnyEvents,
  ParentApi extends object = AnyApi,
  ParentEvents extends object = AnyEvents,
>(methods: MethodsOf<NoInfer<Api>>, options?: ServeStdioOptions): WorkerChannel<Api, Events, ParentApi, ParentEvents> {
  return serve(methods as Methods, options) as WorkerChannel<Api, Events, ParentApi, ParentEvents>;
}

function serve(methods: Methods, given: ServeStdioOptions | undefined): Channel {
  const options = readOptions("serveStdio", given, SERVE_STDIO_OPTIONS);
  const { graceMs = 5_000 } = options;
  const leaving = new Leaving((code) => void exit(channel, parent, 0, code));
  const serving = resolveServing("serveStdio", methods, options, leaving.around);
  const parent = new Parent();
  const finish = (deathMs: number): void => void answerAndExit(channel, link, parent, { graceMs, deathMs });
  const link = new OwnStdioLink(() => finish(DEATH_MS), serving.spinUs, graceMs);
  // Once the answer to it is on its way.
  const { channel } = serving.open(link, () => setImmediate(() => void exit(channel, parent, 0)));
  leaving.watch(channel, serving.stack.dialect);
  process.once("SIGTERM", () => void exit(channel, parent, 0));
  if (!process.stdin.isTTY) process.on("SIGINT", () => undefined);
  // Before anything is read: the first request may be in the pipe already, and compute for ever.
  if (options.watchParent !== false) process.nextTick(watchParent, parent);
  void channel.closed.then(() => exit(channel, parent, DEATH_MS));
  return channel;
}

interface Patience {
  readonly graceMs: number;
  readonly deathMs: number;
}

/** Lets running handlers answer, as long as there is somebody to hear it, and exits. */
async function answerAndExit(
  channel: Channel,
  link: OwnStdioLink,
  parent: Parent,
  { graceMs, deathMs }: Patience,
): Promise<void> {
  link.expectEnd();
  // Handlers that wait for nothing that could come keep no process alive.
  process.once("beforeExit", () => void exit(channel, parent, deathMs));
  await Promise.race([channel.idle(), parent.gone(), sleep(graceMs)]);
  await exit(channel, parent, deathMs);
}

/** @param deathMs how long to wait for the news of the parent's death, where it may be the reason for the exit */
async function exit(channel: Channel, parent: Parent, deathMs: number, code = 0): Promise<void> {
  await channel.close();
  await parent.goneWithin(deathMs);
  process.exit(code);
}
