import { availableParallelism } from "node:os";
import { refuse } from "../checks/kinds.js";
import { optionsOf, readOptions, type Check, type OptionTable, type Place } from "../checks/options.js";
import type { Pool } from "../supervise/pool/contract.js";
import { POOL_OPTIONS, resolvePool, type PoolOptions } from "../supervise/pool/options.js";
import { DEFAULT_SPIN_US } from "./streams/busy-poll.js";
import { resolveStack } from "./assemble.js";
import { closeOnAbort } from "./child/close-on-abort.js";
import { openChild } from "./child/open-child.js";
import { resolveShutdown } from "./child/shutdown.js";
import { path, SPAWN_OPTIONS, type SpawnOptions } from "./child/spawn-options.js";
import { STDIO_CHANNEL_OPTIONS, type StdioChannelOptions } from "./create-stdio-channel.js";
import { poolLinks, poolSupervision } from "./pooling.js";

export interface StdioPoolOptions extends StdioChannelOptions, PoolOptions {}

/** One of the programs of a mixed pool, and how it is started; what is left out is as in the options of the pool. */
export interface PoolCommand extends SpawnOptions {
  readonly command: string | URL;
}

const STDIO_POOL_OPTIONS: OptionTable<StdioPoolOptions> = { ...STDIO_CHANNEL_OPTIONS, ...POOL_OPTIONS };

export const POOL_COMMAND: OptionTable<PoolCommand> = { command: path, ...SPAWN_OPTIONS };

/**
 * Starts workers and opens one channel over all of them: each request goes to the least busy one.
 *
 * Resolves when the first workers run, `size` of them, or `size.min`. Rejects as `createStdioChannel` does.
 *
 * @param command a program, as of `createStdioChannel`; or a list of programs that serve the same methods, which take
 *   turns in the places of the pool
 */
export async function createStdioPool(
  command: string | URL | readonly (string | URL | PoolCommand)[],
  options?: StdioPoolOptions,
): Promise<Pool> {
  const where = "createStdioPool";
  const commands = readCommands(command, { where, name: "the command" });
  const [first] = commands;
  const checked = readOptions(where, options, STDIO_POOL_OPTIONS);
  const { signal, stderr = "inherit", spinUs = DEFAULT_SPIN_US } = checked;
  const stack = resolveStack(checked);
  const policy = resolvePool(where, checked, Math.max(availableParallelism() - 1, 1));
  const supervision = poolSupervision(checked, policy);
  const shutdown = resolveShutdown(checked.shutdown ?? {}, stack.dialect);
  signal?.throwIfAborted();
  const child = { stderr, stderrTailBytes: stack.limits.stderrTailBytes, shutdown, spinUs, onError: stack.onError };
  const pool = await poolLinks(stack, supervision, policy, shutdown.farewell, (_signal, slot) => {
    const { command: program, ...own } = commands[slot % commands.length] ?? first;
    return openChild(program, { ...checked, ...own }, child);
  });
  if (signal !== undefined) await closeOnAbort(pool, signal);
  return pool;
}

const readCommand = optionsOf<PoolCommand>(POOL_COMMAND);

function readCommands(given: unknown, place: Place): readonly [PoolCommand, ...PoolCommand[]] {
  if (!Array.isArray(given)) return [{ command: path(given, place) }];
  const [first, ...others] = Array.from(given as readonly unknown[], (one, at) =>
    aProgram(one, { ...place, name: `command[${at}]` }),
  );
  if (first === undefined) return refuse(RangeError, given, place, "a program, or a list of at least one");
  return [first, ...others];
}

const aProgram: Check<PoolCommand> = (value, place) => {
  const isPath = typeof value === "string" || value instanceof URL;
  const read = isPath ? { command: value } : readCommand(value, place);
  return { ...read, command: path(read.command, { ...place, name: isPath ? place.name : `${place.name}.command` }) };
};
