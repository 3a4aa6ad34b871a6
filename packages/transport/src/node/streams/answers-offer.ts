import { fstatSync, statSync, type Stats } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * A pipe beside stdin, stdout and stderr on which a worker may answer, so that nothing that is printed to stdout can
 * get between its messages: what belongs to the protocol has a descriptor of its own. docs/protocol.md says what a
 * worker does to take it.
 *
 * Node workers need it: Node can't make a second descriptor of the socket that a Node parent gives them as stdout.
 */

/** The variable that tells the worker: the descriptor and the process that offers it, such as `3:4711`. */
const VARIABLE = "PROCWIRE_ANSWERS_FD";

/** The first descriptor behind stdin, stdout and stderr. */
export const ANSWERS_FD = 3;

/** The variable to start a worker with. It names this process: what inherits the variable must not believe it. */
export function describeOffer(): Record<string, string> {
  return { [VARIABLE]: `${ANSWERS_FD}:${process.pid}` };
}

/** The offered descriptor, where there is one. It is taken once, and no child of this process hears of it. */
export function takeOffer(): number | undefined {
  const offer = process.env[VARIABLE];
  if (offer === undefined) return undefined;
  Reflect.deleteProperty(process.env, VARIABLE);
  const [, fd, parent] = /^(\d{1,5}):(\d+)$/.exec(offer) ?? [];
  // Something between the parent and this process, such as a shell, hands on the variable, but not the descriptor.
  if (Number(parent) !== process.ppid || !isPipe(Number(fd))) return undefined;
  return Number(fd);
}

/** Whether the command starts Node, or what runs Node's programs, as far as its name tells. */
export function isNodeProgram(command: string | URL): boolean {
  const path = typeof command === "string" ? command : fileURLToPath(command);
  return path === process.execPath || /^(?:node|bun|deno)(?:\.exe)?$|\.[cm]?[jt]s$/i.test(basename(path));
}

function isPipe(fd: number): boolean {
  try {
    const stats = statsOf(fd);
    return stats.isSocket() || stats.isFIFO();
  } catch {
    return false;
  }
}

/** Deno's `fs` knows only the descriptors that it has opened itself; the file system knows all. */
function statsOf(fd: number): Stats {
  return process.versions["deno"] === undefined ? fstatSync(fd) : statSync(`/dev/fd/${fd}`);
}
