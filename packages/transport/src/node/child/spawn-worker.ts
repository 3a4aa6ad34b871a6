import type { Readable } from "node:stream";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { execa } from "execa";
import { ANSWERS_FD, describeOffer, isNodeProgram } from "../streams/answers-offer.js";
import { wrongFormatOf } from "./executable.js";
import { assertFreeDescriptors } from "./free-descriptors.js";
import { describeGroup, ownsGroups } from "../streams/group-offer.js";
import { leaseGuard } from "./guard.js";
import { programOf } from "./node-script.js";
import { explainStart, resolveFolder, startFailure, toPath, type StartError } from "./start-failure.js";
import type { SpawnOptions } from "./spawn-options.js";
import { WorkerGroup } from "./worker-group.js";
import type { StartedWorker } from "./worker-process.js";

type Pipes = readonly ["pipe", "pipe", "pipe", ...(readonly "pipe"[])];
const THREE_PIPES: Pipes = ["pipe", "pipe", "pipe"];
const FOUR_PIPES: Pipes = [...THREE_PIPES, "pipe"];

type SpawnedChild = ReturnType<typeof execaChild>;

/** Starts the command. Resolves when it runs; rejects with `SPAWN_FAILED` when it can't be started. */
export async function spawnWorker(given: string | URL, options: SpawnOptions): Promise<StartedWorker> {
  const { command, firstArgs } = programOf(given);
  const path = toPath(command);
  const folder = resolveFolder(path, options.cwd);
  const { answerPipe = isNodeProgram(command) } = options;
  const lease = options.guard === true ? leaseGuard() : undefined;
  try {
    await lease?.ready;
    const args = [...firstArgs, ...(options.args ?? [])];
    const child = startChild(path, folder, answerPipe, { ...options, args });
    // Before anything is waited for: from now on there is something to take along.
    const group = child.pid === undefined ? undefined : new WorkerGroup(child, child.pid);
    lease?.watch(child);
    await hasStarted(child, path, folder);
    // In an object, because the child is thenable: resolving with it would wait for its end.
    const answers = answerPipe ? (child.stdio[ANSWERS_FD] as Readable) : undefined;
    return { child, answers, kill: group?.kill ?? child.kill.bind(child) };
  } catch (error) {
    lease?.end();
    throw error;
  }
}

function startChild(path: string, folder: string, answerPipe: boolean, options: SpawnOptions): SpawnedChild {
  const { args = [], env, extendEnv = true } = options;
  const childEnv = { ...env, ...describeGroup(), ...(answerPipe ? describeOffer() : {}) };
  const reason = wrongFormatOf(path, folder, extendEnv ? { ...process.env, ...env } : (env ?? {}));
  if (reason !== undefined) throw startFailure(path, reason, new Error("ENOEXEC"));
  const stdio = answerPipe ? FOUR_PIPES : THREE_PIPES;
  try {
    assertFreeDescriptors(stdio.length);
  } catch (error) {
    throw startFailure(path, explainStart(path, folder, error as Error), error);
  }
  return watchedStart(() => execaChild(path, args, { cwd: folder, env: childEnv, extendEnv, stdio }), path, folder);
}

interface ExecaOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly extendEnv: boolean;
  readonly stdio: Pipes;
}

function execaChild(path: string, args: readonly string[], options: ExecaOptions) {
  return execa(path, args, {
    ...options,
    // Leads a group of its own. A key that is pressed at a terminal reaches this process only.
    detached: ownsGroups,
    buffer: false,
    encoding: "buffer",
    reject: false,
    // See `WorkerGroup`.
    cleanup: false,
    forceKillAfterDelay: false,
    windowsHide: true,
  });
}

/** A child as Node has just made it: without streams where it gave up. */
interface MadeChild {
  readonly stdio?: unknown;
  once(event: "error", listener: () => void): unknown;
}

/**
 * There were enough descriptors a moment ago, but another thread may have taken them. Node then gives up halfway, and
 * execa throws over it: the child is there, and nobody would hear its error but the whole process.
 */
function watchedStart(start: () => SpawnedChild, path: string, folder: string): SpawnedChild {
  let made: MadeChild | undefined;
  const onMade = (message: unknown): void => {
    made ??= (message as { readonly process: MadeChild }).process;
  };
  subscribe("child_process", onMade);
  try {
    return start();
  } catch (error) {
    if (made === undefined || made.stdio !== undefined) throw error;
    made.once("error", () => undefined);
    throw startFailure(path, explainStart(path, folder, { code: "EMFILE" }), error);
  } finally {
    unsubscribe("child_process", onMade);
  }
}

/** Its promise waits for every holder of the pipes, so it only serves to tell of what Node has thrown. */
function hasStarted(child: SpawnedChild, path: string, folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const onFailure = (error: StartError): void => {
      reject(startFailure(path, explainStart(path, folder, error), error.cause ?? error));
    };
    child.once("spawn", resolve).once("error", onFailure);
    child.then(onFailure, onFailure);
  });
}
