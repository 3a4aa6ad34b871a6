import type { Channel } from "../channel/contract/channel.js";
import type { ChannelOptions } from "../channel/contract/options.js";
import type { AnyEvents, TypedChannel } from "../channel/contract/typed.js";
import { resolveSpin } from "./streams/busy-poll.js";
import { openChannel, resolveStack, type Stack } from "./assemble.js";
import { ChildLink } from "./child/child-link.js";
import { closeOnAbort } from "./child/close-on-abort.js";
import { resolveShutdown, type ShutdownOptions } from "./child/shutdown.js";
import { spawnWorker, type SpawnOptions } from "./child/spawn-worker.js";
import { StderrReader, type StderrOption } from "./child/stderr.js";
import { vitalsOf } from "./child/vitals.js";
import type { StartedWorker } from "./child/worker-process.js";
import { resolveSupervision, superviseLinks, type Supervision, type SupervisionOptions } from "./supervision.js";

export interface StdioChannelOptions extends ChannelOptions, SpawnOptions, SupervisionOptions {
  /** Aborting it closes the channel, or keeps it from starting; the start then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Where the worker's stderr goes. Default `"inherit"`. Its end is kept for error reports in any case. */
  readonly stderr?: StderrOption;
  /** How `close()` ends the worker. */
  readonly shutdown?: ShutdownOptions;
  /**
   * Microseconds for which the event loop polls for an answer before it sleeps, where answers have come that fast.
   * Default 50; 0 for never. It trades CPU time for latency: waking up takes longer than a short call.
   */
  readonly spinUs?: number;
}

/**
 * Starts a worker and opens a channel over its stdin and stdout.
 *
 * Resolves once the process runs. Rejects with a `ChannelError` `SPAWN_FAILED` that names the cause when it can't be
 * started, with a `RangeError` or `ENCODE_FAILED` when the options can't work, and with the `signal`'s reason.
 *
 * @param command a program: a path, or a name to be found in `PATH`; never a shell command line
 */
export function createStdioChannel(command: string | URL, options?: StdioChannelOptions): Promise<Channel>;
/** The same, with the worker's methods and notifications known by type; see `TypedChannel`. */
export function createStdioChannel<Api extends object, Events extends object = AnyEvents>(
  command: string | URL,
  options?: StdioChannelOptions,
): Promise<TypedChannel<Api, Events>>;
export function createStdioChannel(command: string | URL, options: StdioChannelOptions = {}): Promise<unknown> {
  return open(command, options);
}

async function open(command: string | URL, options: StdioChannelOptions): Promise<Channel> {
  if (command === "") throw new TypeError("createStdioChannel needs a command");
  const { signal, stderr = "inherit" } = options;
  const stack = resolveStack(options);
  const supervision = resolveSupervision(options);
  const shutdown = resolveShutdown(options.shutdown ?? {});
  const spinUs = resolveSpin(options.spinUs);
  signal?.throwIfAborted();
  const start = async (): Promise<OpenedChild> => {
    const worker = await spawnWorker(command, options);
    const { pid, stderr: stderrStream } = worker.child;
    const reader = new StderrReader(stderrStream, stderr, stack.limits.stderrTailBytes, stack.onError);
    return { worker, pid, link: new ChildLink(worker, reader, shutdown, spinUs) };
  };
  const channel =
    supervision === undefined
      ? await openOnce(stack, start, shutdown.farewell)
      : await openSupervised(stack, supervision, start, shutdown.farewell);
  try {
    if (signal !== undefined) await closeOnAbort(channel, signal);
    return channel;
  } catch (error) {
    // The signal has thrown, or has aborted: nobody will close what runs already.
    await channel.close();
    throw error;
  }
}

interface OpenedChild {
  readonly worker: StartedWorker;
  readonly pid: number | undefined;
  readonly link: ChildLink;
}

/** A channel for the one life of a worker. */
async function openOnce(
  stack: Stack,
  start: () => Promise<OpenedChild>,
  farewell: string | undefined,
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

function openSupervised(
  stack: Stack,
  supervision: Supervision,
  start: () => Promise<OpenedChild>,
  farewell: string | undefined,
): Promise<Channel> {
  return superviseLinks(stack, supervision, farewell, async () => {
    const { worker, pid, link } = await start();
    const kill = (): void => {
      worker.kill("SIGKILL");
    };
    return { link, pid, kill, vitals: () => (pid === undefined ? undefined : vitalsOf(pid)) };
  });
}
