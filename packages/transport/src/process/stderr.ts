import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Where the worker's stderr goes: to the parent's stderr, nowhere, or line by line to a function. */
export type StderrOption = "inherit" | "ignore" | ((line: string) => void);

/** A line above this is handed on in pieces. */
const MAX_LINE_LENGTH = 64 * 1024;

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
    const lines = typeof option === "function" ? new LineSplitter(option, onError) : undefined;
    this.#forward = (chunk) => {
      if (lines !== undefined) lines.push(chunk);
      else if (option === "inherit") process.stderr.write(chunk);
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

class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #onError: (error: unknown) => void;
  readonly #decoder = new StringDecoder("utf8");
  #rest = "";

  constructor(onLine: (line: string) => void, onError: (error: unknown) => void) {
    this.#onLine = onLine;
    this.#onError = onError;
  }

  push(chunk: Buffer): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#emit(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#rest.length > MAX_LINE_LENGTH) {
      this.#emit(this.#rest.slice(0, MAX_LINE_LENGTH));
      this.#rest = this.#rest.slice(MAX_LINE_LENGTH);
    }
  }

  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#emit(rest);
  }

  #emit(line: string): void {
    try {
      this.#onLine(line);
    } catch (error) {
      this.#onError(error);
    }
  }
}
