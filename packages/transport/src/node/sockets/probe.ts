import { connect, type Socket } from "node:net";
import { codeOf } from "./failures.js";
import { readFirstLine } from "./first-line.js";
import { MAX_LINE_BYTES, questionLine, readAnswer } from "./greeting.js";
import { startTimer } from "../streams/durations.js";

/** A service that is busy answers late: nobody waits for it longer than this to learn its process id. */
const ASK_MS = 1_000;
/** What says that there is nobody. */
const DEAD: Readonly<Record<string, "dead" | "absent">> = { ECONNREFUSED: "dead", ENOENT: "absent" };

/**
 * Whether somebody listens at a path. That is seen by connecting, and by nothing else: a process id may be another
 * process's by now. Whatever else keeps us out, a full queue or a permission, there is somebody to keep out of.
 */
export async function lifeAt(path: string): Promise<"alive" | "dead" | "absent"> {
  try {
    (await opened(path)).destroy();
    return "alive";
  } catch (error) {
    return DEAD[codeOf(error) ?? ""] ?? "alive";
  }
}

/** The process that listens at a path; `undefined` where it does not say. */
export async function askWho(path: string): Promise<number | undefined> {
  let socket: Socket;
  try {
    socket = await opened(path);
  } catch {
    return undefined;
  }
  return new Promise((resolve) => {
    const done = (pid: number | undefined): void => {
      stopTimer();
      stop();
      socket.destroy();
      resolve(pid);
    };
    const stopTimer = startTimer(() => {
      done(undefined);
    }, ASK_MS);
    const stop = readFirstLine(socket, MAX_LINE_BYTES, (first) => {
      done("line" in first ? readAnswer(first.line)?.pid : undefined);
    });
    socket.write(questionLine);
  });
}

function opened(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject).on("error", () => undefined);
      resolve(socket);
    });
  });
}
