import { accessSync, constants, statSync, type Stats } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ChannelError } from "../../errors.js";

/** What Node and execa tell of a start that failed. */
export interface StartError {
  readonly code?: string | undefined;
  readonly cause?: unknown;
  readonly message?: string | undefined;
  readonly originalMessage?: string | undefined;
}

export function toPath(path: string | URL): string {
  return typeof path === "string" ? path : fileURLToPath(path);
}

export function startFailure(command: string, reason: string, cause: unknown): ChannelError {
  const message = `Cannot start the worker ${command}: ${reason}`;
  return new ChannelError("SPAWN_FAILED", message, { cause, delivery: "not-sent" });
}

/** The whole path of the folder to start the worker in. Throws `SPAWN_FAILED` when nothing can be started in it. */
export function resolveFolder(command: string, cwd: string | URL | undefined): string {
  const given = cwd === undefined ? undefined : toPath(cwd);
  let folder;
  try {
    folder = given === undefined ? process.cwd() : resolve(given);
  } catch (error) {
    // What is relative is so to the current folder.
    const text = "the current folder of this process does not exist any more: give the option cwd, as a whole path.";
    throw startFailure(command, text, error);
  }
  if (given !== undefined) throwOnBadFolder(command, folder);
  return folder;
}

function throwOnBadFolder(command: string, folder: string): void {
  try {
    const isFolder = statSync(folder).isDirectory();
    if (!isFolder)
      throw startFailure(command, `the folder ${folder} (option cwd) is not a folder (ENOTDIR).`, new Error("ENOTDIR"));
    accessSync(folder, constants.X_OK);
  } catch (error) {
    if (error instanceof ChannelError) throw error;
    const { code } = error as StartError;
    const what = code === "ENOENT" ? "does not exist (ENOENT)" : `can't be used (${String(code)})`;
    throw startFailure(command, `the folder ${folder} (option cwd) ${what}.`, error);
  }
}

/** Node reports a missing interpreter as if the program were missing: look which it is. */
export function explainStart(command: string, folder: string, error: StartError): string {
  switch (error.code) {
    case "ENOENT":
      return command.includes("/") && look(resolve(folder, command))?.isFile() === true
        ? "it exists, but the interpreter named in its first line does not (ENOENT)."
        : `there is no such program (ENOENT). ${adviceOn(command)}`;
    case "EACCES":
      return "it is not executable (EACCES). Check its permissions, or start it through its interpreter.";
    case "ENOEXEC":
      return "it is not a program for this system (ENOEXEC). Was it built for another platform?";
    case "E2BIG":
      return "its arguments and environment are too large (E2BIG).";
    case "EMFILE":
    case "ENFILE":
      return `too many files are open (${error.code}). Close some, or raise the limit (ulimit -n).`;
    case "EAGAIN":
      return "the system has no room for another process (EAGAIN). End some, or raise the limit (ulimit -u).";
    default:
      return `${error.originalMessage ?? error.message ?? "unknown"}${error.code === undefined ? "" : ` (${error.code})`}.`;
  }
}

/** A line for a shell is no program; a path may have spaces. */
function adviceOn(command: string): string {
  const [program, ...args] = command.split(/\s+/);
  if (args.length === 0) return "Build or install it, or give its whole path.";
  const list = args.map((arg) => JSON.stringify(arg)).join(", ");
  return `Put its arguments into the options: createStdioChannel(${JSON.stringify(program)}, { args: [${list}] }).`;
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
