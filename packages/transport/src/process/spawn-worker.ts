import type { Readable, Writable } from "node:stream";
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { ChannelError } from "../errors.js";
import { ANSWERS_FD, describeOffer, isNodeProgram } from "./answers-offer.js";
import { wrongFormat } from "./executable.js";

/** A running child, by the few things that this package uses of it. An object of `node:child_process` fits as well. */
export interface WorkerProcess {
  readonly pid?: number | undefined;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly exitCode: number | null;
  readonly signalCode: NodeJS.Signals | null;
  kill(signal: NodeJS.Signals): boolean;
  ref?(): void;
  unref?(): void;
  once(event: "exit", listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
  off(event: "exit", listener: (code: number | null, signal: NodeJS.Signals | null) => void): unknown;
}

export interface StartedWorker {
  readonly child: WorkerProcess;
  /** The pipe for answers, where the worker is offered one. */
  readonly answers: Readable | undefined;
}

/** How a worker is started. No shell is involved: the command is a program, each argument reaches it as it is. */
export interface SpawnOptions {
  /** Arguments of the command. */
  readonly args?: readonly string[];
  /** The folder it runs in; the parent's by default. */
  readonly cwd?: string | URL;
  /** Variables on top of the parent's environment; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** False: the worker gets only `env`. */
  readonly extendEnv?: boolean;
  /**
   * Whether the worker is offered a pipe of its own for answers, on descriptor 3 and by the variable
   * `PROCWIRE_ANSWERS_FD`, so that nothing that is printed to its stdout can get between messages. `serveStdio` takes
   * it, other programs ignore it. Default: true for programs that run in Node, as far as the command's name tells.
   */
  readonly answerPipe?: boolean;
}

/** Starts the command. Resolves when it runs; rejects with `SPAWN_FAILED` when it can't be started. */
export async function spawnWorker(command: string | URL, options: SpawnOptions): Promise<StartedWorker> {
  const { args = [], cwd, env, extendEnv = true, answerPipe = isNodeProgram(command) } = options;
  throwOnWrongFormat(command, cwd);
  const child = execa(command, args, {
    ...(cwd === undefined ? {} : { cwd }),
    // Never left out: without one the worker would get the parent's in any case.
    env: answerPipe ? { ...env, ...describeOffer() } : (env ?? {}),
    extendEnv,
    stdio: answerPipe ? ["pipe", "pipe", "pipe", "pipe"] : ["pipe", "pipe", "pipe"],
    buffer: false,
    encoding: "buffer",
    reject: false,
    cleanup: true,
    forceKillAfterDelay: false,
    windowsHide: true,
  });
  // Its promise waits for every holder of the pipes, so it only serves to tell a failed start; the exit is heard from
  // the process itself.
  await new Promise<void>((onSpawn, reject) => {
    child.once("spawn", onSpawn);
    child.then((result) => {
      reject(spawnFailed(toPath(command), cwd, result));
    }, reject);
  });
  // In an object, because the child is thenable: resolving with it would wait for its end.
  const answers = answerPipe ? (child.stdio[ANSWERS_FD] as Readable) : undefined;
  return { child, answers };
}

/** A name without a folder is looked up by the system, in the folders of `PATH`: what is there has been installed. */
function throwOnWrongFormat(command: string | URL, cwd: string | URL | undefined): void {
  const path = toPath(command);
  if (!path.includes("/")) return;
  const reason = wrongFormat(resolve(cwd === undefined ? "." : toPath(cwd), path));
  if (reason === undefined) return;
  const message = `Cannot start the worker ${path}: ${reason}`;
  throw new ChannelError("SPAWN_FAILED", message, { cause: new Error("ENOEXEC"), delivery: "not-sent" });
}

function toPath(path: string | URL): string {
  return typeof path === "string" ? path : fileURLToPath(path);
}

interface FailedStart {
  readonly code?: string | undefined;
  readonly cause?: unknown;
  readonly originalMessage?: string | undefined;
}

function spawnFailed(command: string, cwd: string | URL | undefined, result: FailedStart): ChannelError {
  const message = `Cannot start the worker ${command}: ${explain(command, cwd, result)}`;
  return new ChannelError("SPAWN_FAILED", message, { cause: result.cause ?? result, delivery: "not-sent" });
}

/** Node reports a missing folder and a missing interpreter as if the command were missing: look which it is. */
function explain(command: string, cwd: string | URL | undefined, result: FailedStart): string {
  if (cwd !== undefined && !isDirectory(cwd)) return `the folder ${String(cwd)} (option cwd) does not exist.`;
  switch (result.code) {
    case "ENOENT":
      return isFile(command)
        ? "it exists, but the interpreter named in its first line does not (ENOENT)."
        : "there is no such program (ENOENT). Build or install it, or give its whole path.";
    case "EACCES":
      return "it is not executable (EACCES). Check its permissions, or start it through its interpreter.";
    case "ENOEXEC":
      return "it is not a program for this system (ENOEXEC). Was it built for another platform?";
    case "E2BIG":
      return "its arguments and environment are too large (E2BIG).";
    default:
      return `${result.originalMessage ?? String(result.cause)}${result.code === undefined ? "" : ` (${result.code})`}.`;
  }
}

function isDirectory(path: string | URL): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
