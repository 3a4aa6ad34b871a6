import type { Socket } from "node:net";

const LINE_END = 0x0a;

/** What became of the first line of a connection. */
export type FirstLine =
  | { readonly line: Buffer }
  /** It is longer than it may be, or the connection has ended before it was there. */
  | { readonly problem: "too long" | "ended"; readonly cause?: Error }
  /** The first byte says that no line comes, but a message. */
  | { readonly problem: "message" };

/**
 * Reads a line from a socket, and not a byte more: the socket is paused then, and what has come behind the line is what it
 * has next. Calls back once, unless `stop` comes first.
 *
 * @param mayBegin false for a first byte with which something else begins: nothing is taken then
 * @returns stop: the line is not wanted any more
 */
export function readFirstLine(
  socket: Socket,
  maxBytes: number,
  onDone: (first: FirstLine) => void,
  mayBegin: (byte: number) => boolean = () => true,
): () => void {
  const chunks: Buffer[] = [];
  let length = 0;
  const onData = (chunk: Buffer): void => {
    if (length === 0 && !mayBegin(chunk[0] ?? 0)) {
      socket.pause().unshift(chunk);
      done({ problem: "message" });
      return;
    }
    const at = chunk.indexOf(LINE_END);
    const taken = at === -1 ? chunk.length : at;
    length += taken;
    if (length >= maxBytes) {
      done({ problem: "too long" });
      return;
    }
    chunks.push(chunk.subarray(0, taken));
    if (at === -1) return;
    socket.pause();
    if (at + 1 < chunk.length) socket.unshift(chunk.subarray(at + 1));
    done({ line: Buffer.concat(chunks) });
  };
  const onError = (cause: Error): void => {
    done({ problem: "ended", cause });
  };
  const onEnd = (): void => {
    done({ problem: "ended" });
  };
  const stop = (): void => {
    socket.off("data", onData).off("error", onError).off("end", onEnd).off("close", onEnd);
  };
  const done = (first: FirstLine): void => {
    stop();
    onDone(first);
  };
  socket.on("error", onError).on("end", onEnd).on("close", onEnd).on("data", onData);
  return stop;
}
