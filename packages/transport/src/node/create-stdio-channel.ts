import type { Channel } from "../channel/contract/channel.js";
import { abortSignal } from "../checks/kinds.js";
import { optionsOf, readOptions, type OptionTable } from "../checks/options.js";
import { CHANNEL_OPTIONS, type ChannelOptions } from "../channel/contract/options.js";
import type { Farewell } from "../channel/contract/parts.js";
import type { AnyApi, AnyEvents, TypedChannel } from "../channel/contract/typed.js";
import { DEFAULT_SPIN_US, microsecondsToSpin } from "./streams/busy-poll.js";
import { openChannel, resolveStack, type Stack } from "./assemble.js";
import { closeOnAbort } from "./child/close-on-abort.js";
import { openChild, type OpenedChild } from "./child/open-child.js";
import { resolveShutdown, SHUTDOWN_OPTIONS, type ShutdownOptions } from "./child/shutdown.js";
import { path, SPAWN_OPTIONS, type SpawnOptions } from "./child/spawn-options.js";
import { stderrOption, type StderrOption } from "./child/stderr.js";
import { resolveSupervision, SUPERVISION_OPTIONS, superviseLinks, type SupervisionOptions } from "./supervision.js";

export interface StdioChannelOptions extends ChannelOptions, SpawnOptions, SupervisionOptions {
  /** Aborting it closes the channel, or keeps it from starting; the start then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Where the worker's stderr goes. Default `"inherit"`. Its end is kept for error reports in any case. */
  readonly stderr?: StderrOption | undefined;
  /** How `close()` ends the worker. */
  readonly shutdown?: ShutdownOptions | undefined;
  /**
   * Microseconds for which the event loop polls for an answer before it sleeps, where answers have come that fast.
   * Default 50; 0 for never. It trades CPU time for latency: waking up takes longer than a short call.
   */
  readonly spinUs?: number | undefined;
}

export const STDIO_CHANNEL_OPTIONS: OptionTable<StdioChannelOptions> = {
  ...CHANNEL_OPTIONS,
  ...SPAWN_OPTIONS,
  ...SUPERVISION_OPTIONS,
  signal: abortSignal,
  stderr: stderrOption,
  shutdown: optionsOf(SHUTDOWN_OPTIONS),
  spinUs: microsecondsToSpin,
};

/**
 * Starts a worker and opens a channel over its stdin and stdout.
 *
 * Resolves once the process runs. Rejects with a `ChannelError` `SPAWN_FAILED` that names the cause when it can't be
 * started, with a `RangeError` or `ENCODE_FAILED` when the options can't work, and with the `signal`'s reason.
 *
 * @param command a program: a path, or a name to be found in `PATH`; never a shell command line. The URL of a script, such
 *   as `new URL("./worker.js", import.meta.url)`, is run by this Node; of TypeScript by what runs this program, such as tsx
 */
export function createStdioChannel(command: string | URL, options?: StdioChannelOptions): Promise<Channel>;
/** The same, with the worker's methods and notifications known by type; see `TypedChannel`. */
export function createStdioChannel<
  Api extends object,
  Events extends object = AnyEvents,
  OwnApi extends object = AnyApi,
  OwnEvents extends object = AnyEvents,
>(command: string | URL, options?: StdioChannelOptions): Promise<TypedChannel<Api, Events, OwnApi, OwnEvents>>;
export function createStdioChannel(command: string | URL, options?: StdioChannelOptions): Promise<unknown> {
  return open(command, options);
}

async function open(command: string | URL, given: StdioChannelOptions | undefined): Promise<Channel> {
  path(command, { where: "createStdioChannel", name: "the command" });
  const options = readStdioOptions(given);
  const { signal, stderr = "inherit", spinUs = DEFAULT_SPIN_US } = options;
  const stack = resolveStack(options);
  const supervision = resolveSupervision(options);
  const shutdown = resolveShutdown(options.shutdown ?? {}, stack.dialect);
  signal?.throwIfAborted();
  const child = { stderr, stderrTailBytes: stack.limits.stderrTailBytes, shutdown, spinUs, onError: stack.onError };
  const start = (): Promise<OpenedChild> => openChild(command, options, child);
  const channel =
    supervision === undefined
      ? await openOnce(stack, start, shutdown.farewell)
      : await superviseLinks(stack, supervision, shutdown.farewell, start);
  if (signal !== undefined) await closeOnAbort(channel, signal);
  return channel;
}

/** A channel for the one life of a worker. */
async function openOnce(
  stack: Stack,
  start: () => Promise<OpenedChild>,
  farewell: Farewell | undefined,
): Promise<Channel> {
  const { link, pid } = await start();
  try {
    return openChannel(stack, link, { farewell, pid });
  } catch (error) {
    // A layer of the user's has thrown: nobody will close what runs already.
    await link.close();
    throw error;
  }
}

function readStdioOptions(given: StdioChannelOptions | undefined): StdioChannelOptions {
  if (Array.isArray(given)) throw new TypeError("createStdioChannel: arguments go into the options: { args: [...] }.");
  return readOptions("createStdioChannel", given, STDIO_CHANNEL_OPTIONS);
}
