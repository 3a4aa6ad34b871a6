import type { Readable } from "node:stream";
import { func, oneOf } from "../../checks/kinds.js";
import type { Check } from "../../checks/options.js";
import { LineSplitter } from "../streams/line-splitter.js";
import { writeToStderr } from "../streams/own-stderr.js";

/** Where the worker's stderr goes: to the parent's stderr, nowhere, or line by line to a function. */
export type StderrOption = "inherit" | "ignore" | ((line: string) => void);

const lines = func<StderrOption>("that gets each line");

export const stderrOption: Check<StderrOption> = oneOf<StderrOption>(["inherit", "ignore"], {
  expected: "a function that gets each line",
  check: lines,
  hints: { pipe: "Give a function: it gets each line." },
});

/**
 * Reads a worker's stderr whatever becomes of it, because a full pipe would stop the worker, and keeps its last bytes
 * for error reports.
 */
export class StderrReader {
  readonly #tailBytes: number;
  readonly #forward: (chunk: Buffer) => void;
  readonly #forwardRest: () => void;
  #tail: Buffer[] = [];
  #tailLength = 0;

  constructor(stream: Readable, option: StderrOption, tailBytes: number, onError: (error: unknown) => void) {
    this.#tailBytes = tailBytes;
    const lines = typeof option === "function" ? new LineSplitter(reporting(option, onError)) : undefined;
    this.#forward = (chunk) => {
      if (lines !== undefined) lines.push(chunk);
      else if (option === "inherit") writeToStderr(chunk);
    };
    this.#forwardRest = () => lines?.end();
    stream.on("data", (chunk: Buffer) => {
      this.#keep(chunk);
      this.#forward(chunk);
    });
    stream.on("end", this.#forwardRest);
    // A broken stderr says nothing that the process's exit does not say better.
    stream.on("error", () => undefined);
  }

  /** The last part of what was read. */
  tail(): string {
    const bytes = Buffer.concat(this.#tail);
    return bytes.subarray(Math.max(0, bytes.length - this.#tailBytes)).toString();
  }

  #keep(chunk: Buffer): void {
    // A copy: a small piece of a large chunk would keep all of it.
    const kept = Buffer.from(chunk.subarray(Math.max(0, chunk.length - this.#tailBytes)));
    this.#tail.push(kept);
    this.#tailLength += kept.length;
    while (this.#tailLength - (this.#tail[0]?.length ?? Infinity) >= this.#tailBytes) {
      this.#tailLength -= this.#tail.shift()?.length ?? 0;
    }
  }
}

/** A function of the user's: what it throws is reported, and the next line is handed to it all the same. */
function reporting(onLine: (line: string) => void, onError: (error: unknown) => void): (line: string) => void {
  return (line) => {
    try {
      onLine(line);
    } catch (error) {
      onError(error);
    }
  };
}
