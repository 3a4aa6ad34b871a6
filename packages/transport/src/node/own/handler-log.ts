import { inspect } from "node:util";
import { RpcError } from "../../errors.js";
import { writeToStderr } from "../streams/own-stderr.js";

const WINDOW_MS = 60_000;
/** UTF-16 units in a minute: a stderr that nobody reads takes 64 KiB and then holds its writer. */
const MAX_PER_WINDOW = 32 * 1024;

/**
 * Writes what handlers fail with to stderr: the caller gets the message, and the stack is nowhere else. An `RpcError` is an
 * answer that was chosen, and no mistake.
 */
export class HandlerLog {
  #windowStart = -Infinity;
  #left = 0;

  readonly report = (error: unknown, method: string): void => {
    if (!(error instanceof RpcError)) this.#write(`the handler of ${method} failed`, error);
  };

  /** What went wrong and belongs to no handler: what strangers send may be the cause, as often as they like. */
  readonly print = (error: unknown): void => {
    this.#write("", error);
  };

  #write(what: string, error: unknown): void {
    if (!this.#hasRoom()) return;
    const text = `procwire: ${what === "" ? "" : `${what}: `}${shown(error)}\n`;
    this.#left -= text.length;
    writeToStderr(text);
    if (this.#left <= 0) writeToStderr("procwire: more failures in this minute are left out.\n");
  }

  #hasRoom(): boolean {
    const now = performance.now();
    if (now - this.#windowStart >= WINDOW_MS) {
      this.#windowStart = now;
      this.#left = MAX_PER_WINDOW;
    }
    return this.#left > 0;
  }
}

/** With its stack and its causes. What was thrown may be anything, and looking at it may throw. */
function shown(error: unknown): string {
  try {
    return inspect(error, { maxStringLength: MAX_PER_WINDOW, maxArrayLength: 20 }).slice(0, MAX_PER_WINDOW);
  } catch {
    return "something was thrown that can't be shown";
  }
}
