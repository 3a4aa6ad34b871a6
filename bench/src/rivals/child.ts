import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { Command } from "./contract.js";

export type PipedChild = ChildProcessByStdio<Writable, Readable, null>;

/** Starts a worker with pipes for stdin and stdout, by Node's own means; resolves once it runs. */
export async function startChild({ file, args }: Command): Promise<PipedChild> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"], windowsHide: true });
  await once(child, "spawn");
  return child;
}

/** Ends a worker by the end of its input. */
export async function endChild(child: PipedChild): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.stdin.end();
  await exited;
}
