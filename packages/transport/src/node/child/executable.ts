import { accessSync, closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import { isForAddedFormat } from "./added-formats.js";
import { elfFault } from "./elf.js";

/** What the system looks at to tell a format. */
const HEAD_BYTES = 256;
/** Scripts whose interpreters are scripts: the system follows so many. */
const MAX_INTERPRETERS = 5;
const ELF = "7f454c46";
const MACH_O = new Set(["cffaedfe", "cefaedfe", "cafebabe", "cafebabf"]);
const NO_PROGRAM =
  "it is not a program for this system (ENOEXEC). Was it built for another platform, or is it a script without #!?";

/**
 * Why the system can't execute the command; `undefined` when it can, or when starting it will say more. It has to be known
 * before: what the system can't execute the C library hands to a shell, which takes whatever is in it for commands.
 *
 * @param env the worker's environment: a name without a folder is looked up in its `PATH`
 */
export function wrongFormatOf(
  command: string,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (process.platform !== "linux" && process.platform !== "darwin") return undefined;
  const path = command.includes("/") ? resolve(folder, command) : findInPath(command, folder, env["PATH"]);
  try {
    return path === undefined ? undefined : wrongFormat(path, folder, MAX_INTERPRETERS);
  } catch {
    // What can't be read may still be executed.
    return undefined;
  }
}

function findInPath(name: string, folder: string, path: string | undefined): string | undefined {
  const paths = (path ?? "").split(delimiter).map((entry) => resolve(folder, entry, name));
  return path === undefined ? undefined : paths.find(isExecutable);
}

function wrongFormat(path: string, folder: string, interpreters: number): string | undefined {
  if (!isExecutable(path)) return undefined;
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(HEAD_BYTES);
    const head = buffer.subarray(0, readSync(file, buffer, 0, HEAD_BYTES, 0));
    const magic = head.toString("hex", 0, 4);
    if (head.toString("latin1", 0, 2) === "#!") return wrongScript(head, folder, interpreters);
    if (process.platform === "darwin") return MACH_O.has(magic) ? undefined : NO_PROGRAM;
    const fault = magic === ELF ? elfFault(file) : NO_PROGRAM;
    return fault === undefined || isForAddedFormat(path, head) ? undefined : fault;
  } finally {
    closeSync(file);
  }
}

function wrongScript(head: Buffer, folder: string, interpreters: number): string | undefined {
  const [, interpreter] = /^#![ \t]*([^ \t\n\0]+)/.exec(head.toString("latin1")) ?? [];
  if (interpreter === undefined) return "its first line names no interpreter after #! (ENOEXEC).";
  if (interpreters === 0) return undefined;
  const path = resolve(folder, Buffer.from(interpreter, "latin1").toString());
  const fault = wrongFormat(path, folder, interpreters - 1);
  return fault === undefined ? undefined : `of its interpreter ${path}: ${fault}`;
}

function isExecutable(path: string): boolean {
  try {
    // In most folders of a path there is nothing, which is told by an error only if it is asked for.
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
