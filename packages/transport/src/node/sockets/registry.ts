import { lstatSync, mkdirSync, statSync, type Stats } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import { codeOf, connectError, explain } from "./failures.js";
import { fnv1a } from "./fnv.js";

/** Where the services of this user are registered; see docs/connect.md. */

const PRIVATE_MODE = 0o700;
const MODE_BITS = 0o7777;
const STICKY = 0o1000;
const OTHERS_WRITE = 0o022;
const ROOT = 0;
/** What the system has room for in the address of a local socket, without the NUL at its end. */
export const MAX_PATH_BYTES: number = process.platform === "linux" ? 107 : 103;
/** A dot and eight digits: see `claimPath`. */
const CLAIM_BYTES = 9;

export const isWindows: boolean = process.platform === "win32";

/** Whether a service can have this name, which becomes a part of file names. */
export function isName(text: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,62}$/.test(text);
}

/** The folder, by the environment of this moment. It may not be there. */
export function registryFolder(): string {
  if (isWindows) return join(process.env["LOCALAPPDATA"] ?? process.env["TEMP"] ?? "C:\\", "procwire");
  const runtime = absolute(process.env["XDG_RUNTIME_DIR"]);
  return runtime === undefined ? fallbackFolder(absolute(process.env["TMPDIR"]) ?? "/tmp") : join(runtime, "procwire");
}

/** Relative ones would be others in another folder. */
function absolute(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined;
}

function fallbackFolder(parent: string): string {
  return join(parent, `procwire-${process.geteuid?.() ?? 0}`);
}

/** Where a name has its files in a folder that has been checked. */
export interface NameFiles {
  readonly socket: string;
  readonly descriptor: string;
}

/** Makes the folder where there is none, and checks it. */
export function prepareName(name: string): NameFiles {
  const folder = registryFolder();
  ensureFolder(folder);
  const socket = socketOf(folder, name);
  if (!isWindows && dirname(socket) !== folder) ensureFolder(dirname(socket));
  return { socket, descriptor: descriptorOf(folder, name) };
}

export function descriptorOf(folder: string, name: string): string {
  return join(folder, `${name}.json`);
}

function socketOf(folder: string, name: string): string {
  if (isWindows) return `\\\\.\\pipe\\procwire-${fnv1a(folder)}-${name}`;
  const path = join(folder, `${name}.sock`);
  if (Buffer.byteLength(path) + CLAIM_BYTES <= MAX_PATH_BYTES) return path;
  return join(fallbackFolder("/tmp"), `${fnv1a(path)}.sock`);
}

function ensureFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: PRIVATE_MODE });
  } catch (error) {
    // What is there already is looked at like one that was made a moment ago.
    if (codeOf(error) !== "EEXIST") {
      throw connectError(`Cannot make the folder of this user's services, ${folder}: ${explainFolder(error)}`, error);
    }
  }
  checkFolder(folder);
}

function explainFolder(error: unknown): string {
  if (codeOf(error) !== "ENOENT") return explain(error);
  return "the folder that it should be in does not exist (ENOENT). Check XDG_RUNTIME_DIR and TMPDIR.";
}

/**
 * Throws `CONNECT_FAILED` for a folder that somebody else could look into, or could put another one in the place of.
 *
 * @returns whether it is there
 */
export function checkFolder(folder: string): boolean {
  let stats: Stats;
  let outer: Stats;
  try {
    stats = lstatSync(folder);
    outer = statSync(dirname(folder));
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw connectError(`Cannot use the folder of this user's services, ${folder}: ${explain(error)}`, error);
  }
  const problem = problemOf(stats, outer, folder);
  if (problem === undefined) return true;
  throw connectError(`Refused the folder of this user's services, ${folder}: ${problem}`);
}

function problemOf(stats: Stats, outer: Stats, folder: string): string | undefined {
  if (stats.isSymbolicLink()) return "it is a symbolic link. Remove it.";
  if (!stats.isDirectory()) return "it is not a folder. Remove it.";
  if (isWindows) return undefined;
  if (!isOurs(stats)) return `it belongs to another user (uid ${stats.uid}). Set XDG_RUNTIME_DIR to a folder of yours.`;
  const mode = stats.mode & MODE_BITS;
  if (mode !== PRIVATE_MODE) {
    return `its mode is ${mode.toString(8)}, and others may have been in it. See what it holds, and remove it or set its mode to 700.`;
  }
  const isSafe = (isOurs(outer) || outer.uid === ROOT) && (outer.mode & OTHERS_WRITE) === 0;
  if (isSafe || (outer.mode & STICKY) !== 0) return undefined;
  return `others can replace it, because ${dirname(folder)} is theirs or they may write to it.`;
}

/** Whether it belongs to the user whom this process acts for. */
export function isOurs({ uid }: Stats): boolean {
  return isWindows || uid === process.geteuid?.();
}
