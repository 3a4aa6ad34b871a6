import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import { isMainThread } from "node:worker_threads";
import type { WriteStream } from "../streams/outbox.js";
import { takeOffer } from "../streams/answers-offer.js";

/** Where the protocol writes; its errors mean that the parent is gone. */
export interface OwnStdout extends WriteStream {
  on(event: "error", listener: (error: Error) => void): unknown;
}

/** In Bun and Deno the console does not write by `process.stdout.write`. */
const isNode = process.versions["bun"] === undefined && process.versions["deno"] === undefined;
const PRINTING = ["log", "info", "debug"] as const;

let isTaken = false;

/**
 * The protocol's own way out of this process. Everybody else's prints go elsewhere from now on:
 *
 * | stdout is | the protocol writes to | `fs.writeSync(1)`, a library's or a child's print goes to |
 * |---|---|---|
 * | anything, and the parent offers a pipe for answers | that pipe | stdout, which the parent takes for noise |
 * | a pipe (parents in Rust, Python, shells) | a second descriptor of it | stderr |
 * | a socket, a terminal, a file | stdout itself | stdout |
 *
 * `console.log` and `process.stdout.write` go to stderr in each case.
 */
export function takeStdout(): OwnStdout {
  if (isTaken)
    throw new Error(
      "serveStdio: this process already serves a channel on its stdio. Call it once, and add handlers by channel.onRequest.",
    );
  isTaken = true;
  const { stdout } = process;
  const own = takeOfferedPipe() ?? separateFromPrints() ?? realStdout(stdout);
  const toStderr = process.stderr.write.bind(process.stderr);
  // A parent that does not read the log any more still gets its answers.
  process.stderr.on("error", () => undefined);
  stdout.write = (...args: unknown[]) => Reflect.apply(toStderr, undefined, args) as boolean;
  if (!isNode) for (const method of PRINTING) console[method] = console.error;
  return own;
}

function takeOfferedPipe(): OwnStdout | undefined {
  const fd = takeOffer();
  if (fd === undefined) return undefined;
  try {
    const pipe = new Socket({ fd, readable: false, writable: true });
    // Says that it is taken, before anything can be printed.
    pipe.write("\n");
    return pipe;
  } catch {
    // Something that this system can't make a stream of: it is left alone, and stdout serves.
    return undefined;
  }
}

function realStdout(stdout: NodeJS.WriteStream): OwnStdout {
  return {
    write: stdout.write.bind(stdout),
    cork: stdout.cork.bind(stdout),
    uncork: stdout.uncork.bind(stdout),
    on: (event, listener) => stdout.on(event, listener),
  };
}

/**
 * Gives the protocol a descriptor of its own for the pipe that stdout is, and lets descriptor 1 be stderr. Node has no
 * `dup2`: a pipe can be opened once more, and what is opened gets the lowest free number. A file can't be had twice in
 * this way, since the second descriptor would have a position of its own.
 */
function separateFromPrints(): OwnStdout | undefined {
  // What was printed before and is still to be written must not be written elsewhere. What Deno's `fs` opens and closes
  // are numbers of its own.
  if (
    process.platform === "win32" ||
    process.versions["deno"] !== undefined ||
    !isMainThread ||
    process.stdout.writableLength > 0
  )
    return undefined;
  try {
    if (!fstatSync(1).isFIFO()) return undefined;
    const own = openAgain(1, constants.O_NONBLOCK);
    redirectPrints();
    return new Socket({ fd: own, readable: false, writable: true });
  } catch {
    // The parent is gone, or this system does not let a pipe be opened again.
    return undefined;
  }
}

/** Makes descriptor 1 another one of stderr; a second descriptor is made first, to know that it can be. */
function redirectPrints(): void {
  const probe = openForPrints(constants.O_NONBLOCK);
  closeSync(1);
  // The lowest number is 1 now. Should another thread have opened a file in this moment, that is where prints of
  // libraries go, but still nothing gets between the messages.
  openForPrints(0);
  closeSync(probe);
}

function openForPrints(flags: number): number {
  try {
    // At the end of a file, or two positions in it would overwrite each other. What goes to a stderr that does not
    // append itself keeps its place so, and may lie over such a print.
    return openAgain(2, flags | constants.O_APPEND | constants.O_NOCTTY);
  } catch {
    // A socket, or a terminal of somebody else.
    return openSync("/dev/null", constants.O_WRONLY);
  }
}

/** Without `O_NONBLOCK` opening a pipe whose reader has gone would wait for another reader. */
function openAgain(fd: number, flags: number): number {
  const folder = process.platform === "linux" ? "/proc/self/fd" : "/dev/fd";
  return openSync(`${folder}/${fd}`, constants.O_WRONLY | flags);
}
