import type { Channel } from "../channel/channel.js";
import type { ChannelOptions } from "../channel/options.js";
import { resolveSpin } from "../link/busy-poll.js";
import { openChannel, resolveStack } from "./assemble.js";
import { methodsOf, type Methods } from "./methods.js";
import { OwnStdioLink } from "./own-stdio.js";
import { watchParent } from "./parent-watch.js";

export interface ServeStdioOptions extends ChannelOptions {
  /** Milliseconds that running handlers get to finish after stdin has ended or SIGTERM has come. Default 5000. */
  readonly graceMs?: number;
  /**
   * True (the default): a thread ends the process when its parent is gone, also while a handler keeps the event loop
   * busy. It costs a few megabytes, and is started after the first turn.
   */
  readonly watchParent?: boolean;
  /** Microseconds for which the event loop polls for the next request before it sleeps. Default 50; 0 for never. */
  readonly spinUs?: number;
}

/** How often a worker without input looks whether its parent is still there. */
const PARENT_CHECK_MS = 100;

/**
 * Turns this process into a worker: answers requests that arrive on stdin by the given handlers.
 *
 * From the call on, stdout belongs to the protocol, and prints go to stderr. The process exits with 0 on the
 * notification `shutdown`, at the end of stdin, and on SIGTERM, after its answers have been written; SIGINT is left
 * to the parent.
 *
 * @param methods a function per method, as a plain object or a `Map`: gets `params` and a context, returns the result or
 *   a promise of it; throws an `RpcError` to choose the error that the caller sees. Anything else is a `TypeError`, an
 *   instance of a class as well: its methods are on its prototype, where nobody looks for them
 * @returns the channel, for `notify`, `request` to the parent, and further handlers
 */
export function serveStdio(methods: Methods, options: ServeStdioOptions = {}): Channel {
  const handlers = methodsOf(methods);
  const stack = resolveStack(options);
  const graceMs = options.graceMs ?? 5_000;
  const spinUs = resolveSpin(options.spinUs);
  const link = new OwnStdioLink(() => void finish(channel, graceMs), spinUs);
  const channel = openChannel(stack, link, { answersUnreadable: true });
  for (const [method, handler] of handlers) channel.onRequest(method, handler);
  channel.onNotification("shutdown", () => void finish(channel, 0));
  process.once("SIGTERM", () => void finish(channel, graceMs));
  if (!process.stdin.isTTY) process.on("SIGINT", () => undefined);
  if (options.watchParent !== false) setImmediate(watchParent);
  void channel.closed.then(() => void exit(channel));
  return channel;
}

/** Lets running handlers answer, as long as there is somebody to hear it, and exits. */
async function finish(channel: Channel, graceMs: number): Promise<void> {
  if (graceMs > 0) await Promise.race([channel.idle(), parentGone(), sleep(graceMs)]);
  await exit(channel);
}

async function exit(channel: Channel): Promise<void> {
  await channel.close();
  process.exit(0);
}

/** Resolves when this process was given to another parent, because its own has died. */
function parentGone(): Promise<void> {
  const parent = process.ppid;
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(timer);
      resolve();
    }, PARENT_CHECK_MS);
    timer.unref();
  });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
