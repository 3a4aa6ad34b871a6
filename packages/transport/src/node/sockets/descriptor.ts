import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { isAbsolute } from "node:path";
import { connectError, explain } from "./failures.js";
import { isOurs, isWindows } from "./registry.js";

const VERSION = 1;
const MAX_BYTES = 1024 * 1024;
const MODE = 0o600;

/** What is written of a service; see docs/connect.md. */
export interface Descriptor {
  readonly name: string;
  readonly pid: number;
  /** As `Date.now()` has it. */
  readonly startedAt: number;
  readonly methods: readonly string[];
  readonly address: { readonly path: string };
  /** Whose descriptor it is. */
  readonly id: string;
  /** What opens the pipe, on Windows. */
  readonly token?: string | undefined;
}

/** An id that no other descriptor has. */
export function newId(): string {
  return randomBytes(16).toString("hex");
}

/** In one step: whoever reads sees all of it, or what was there before. Only the owner of the name may write. */
export function writeDescriptor(file: string, descriptor: Descriptor): void {
  const fresh = `${file}.new`;
  rmSync(fresh, { force: true });
  // "wx": nothing is followed, and nothing is overwritten.
  writeFileSync(fresh, `${JSON.stringify({ version: VERSION, ...descriptor })}\n`, { flag: "wx", mode: MODE });
  renameSync(fresh, file);
}

/** Removes the descriptor if it is still the one with this id. */
export function removeDescriptor(file: string, id: string): void {
  if (readDescriptor(file)?.id === id) rmSync(file, { force: true });
}

/** `undefined` where there is none, and for what is none. */
export function readDescriptor(file: string): Descriptor | undefined {
  let fd: number;
  try {
    fd = openSync(file, constants.O_RDONLY | (isWindows ? 0 : constants.O_NOFOLLOW | constants.O_NONBLOCK));
  } catch {
    return undefined;
  }
  try {
    const stats = fstatSync(fd);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    return asDescriptor(JSON.parse(readFileSync(fd, "utf8")));
  } catch {
    // Not written by a service.
    return undefined;
  } finally {
    closeSync(fd);
  }
}

function asDescriptor(value: unknown): Descriptor | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, name, pid, startedAt, methods, address, id, token } = value as Record<string, unknown>;
  const path: unknown = typeof address === "object" && address !== null ? Reflect.get(address, "path") : undefined;
  if (version !== VERSION || typeof name !== "string" || typeof id !== "string") return undefined;
  if (!Number.isSafeInteger(pid) || typeof startedAt !== "number" || typeof path !== "string") return undefined;
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === "string")) return undefined;
  if (!isWindows && !isAbsolute(path)) return undefined;
  const known = { name, pid: pid as number, startedAt, methods, address: { path }, id };
  return typeof token === "string" ? { ...known, token } : known;
}

/** Throws `CONNECT_FAILED` unless there is a socket of this user's at the path. */
export function checkSocket(path: string, who: string): void {
  if (isWindows) return;
  let isSafe: boolean;
  try {
    const stats = lstatSync(path);
    isSafe = stats.isSocket() && isOurs(stats);
  } catch (error) {
    throw connectError(`Cannot connect to ${who}: ${explain(error)}`, error);
  }
  if (!isSafe) throw connectError(`Refused to connect to ${who}: ${path} is not a socket of this user's. Remove it.`);
}
